/** What a shell tells of a program that SIGPIPE ended (128 + 13), as it ends others; Node.js lets nobody have that signal. */
const BROKEN_PIPE = 141;

/**
 * Ends the process, quietly, when whoever reads its standard output has gone away: `events list | head -1` has what it
 * wanted. Nothing is lost by it, as by any other sudden end. A service's log is not written through this stream.
 */
export function endWithReader(output: NodeJS.WriteStream): void {
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(BROKEN_PIPE);
  });
}
