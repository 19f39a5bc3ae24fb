import { describeLogin } from './login.js';

describeLogin('2.11.2');
