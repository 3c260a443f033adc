import type { ServerWritableStream } from '@grpc/grpc-js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';

export type ReadCall = ServerWritableStream<ReadReq, ReadResp>;

/** Waits while the client takes no more. */
export async function send(call: ReadCall, message: ReadResp): Promise<void> {
  if (call.write(message)) return;
  await new Promise<void>((resolve) => {
    const goOn = (): void => {
      call.off('drain', goOn).off('cancelled', goOn).off('close', goOn);
      resolve();
    };
    call.on('drain', goOn).on('cancelled', goOn).on('close', goOn);
  });
}
