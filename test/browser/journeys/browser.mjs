// The browser that all journeys share. It says its address, and ends with its standard input.
import { createRequire } from 'node:module';

const { chromium } = createRequire(process.env.BROWSER_PACKAGES)('playwright-core');
const server = await chromium.launchServer({ executablePath: process.env.BROWSER_PROGRAM, host: '127.0.0.1' });
console.log(server.wsEndpoint());
process.stdin.resume().on('end', () => server.close());
