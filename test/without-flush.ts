import fs from 'node:fs';

/** What a unit test writes need not outlive a failure of the power: a flush takes milliseconds, and a project is a dozen files. */
fs.fsyncSync = () => {};
