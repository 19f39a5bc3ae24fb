import { describeLogin } from '../engine/login.js';

describeLogin('3.3.2');
