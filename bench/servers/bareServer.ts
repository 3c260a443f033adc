import { createServer } from 'node:http';

/** Answers what was put under a path, after two look-ups in maps: of the token, and of the path. */
const tokens = new Map<string, string>([['Bearer anything', 'somebody']]);
const contents = new Map<string, Uint8Array>();

const server = createServer((request, response) => {
  const path = request.url ?? '';
  if (request.method === 'PUT') {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      contents.set(path, Buffer.concat(chunks));
      response.writeHead(201, ['Content-Length', '0']).end();
    });
    return;
  }
  const subject = tokens.get(request.headers.authorization ?? '');
  const bytes = contents.get(path);
  if (subject === undefined || bytes === undefined) {
    response.writeHead(404, ['Content-Length', '0']).end();
    return;
  }
  const type = 'application/vnd.oci.image.manifest.v1+json';
  response.writeHead(200, ['Content-Length', String(bytes.byteLength), 'Content-Type', type]);
  response.end(request.method === 'HEAD' ? undefined : bytes);
});
server.listen(Number(process.argv[2]), '127.0.0.1');
