import { openForReading, type Connection } from './database.js';
import { logSchema } from './logSchema.js';
import { WriterThread } from './writerThread.js';

/** An open `log.sqlite`: the thread that writes it and the main thread's connection that reads it. */
export type Log = {
  readonly writer: WriterThread;
  readonly reader: Connection;
  close(): Promise<void>;
};

/** Opens the log for this process alone; the caller holds the folder's lock. */
export async function openLog(path: string): Promise<Log> {
  const writer = await WriterThread.open(path);
  const reader = await readerBeside(writer, path);
  return {
    writer,
    reader,
    async close() {
      // The reader first: a checkpoint that truncates waits for readers, and the last connection removes the log file.
      reader.close();
      await writer.close();
    },
  };
}

async function readerBeside(writer: WriterThread, path: string): Promise<Connection> {
  try {
    return openForReading(path, logSchema);
  } catch (error) {
    await writer.close();
    throw error;
  }
}

/** The log for reading beside the process that owns it (or beside none). @throws if there is no log */
export const openLogForReading = (path: string): Connection => openForReading(path, logSchema);
