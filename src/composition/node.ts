import { hostname } from 'node:os';
import type { Config } from '../config/config.js';

/** How this process is called where others see it. */
export const nodeName = ({ NODE_NAME }: Pick<Config, 'NODE_NAME'>): string =>
  NODE_NAME ?? `${hostname()}-${process.pid}`;
