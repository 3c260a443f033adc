import { losesNothing } from './kills.js';

losesNothing(0);
