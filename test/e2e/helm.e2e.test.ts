import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Clients } from '../support/clients.js';
import { RegistryProcess } from '../support/registry.js';

let registry: RegistryProcess;
let clients: Clients;

beforeAll(async () => {
  registry = await RegistryProcess.start();
  await registry.createUser('alice');
  clients = await Clients.create();
  await clients.login('helm', registry.host, 'alice');
  await clients.write(
    'etherpad/Chart.yaml',
    'apiVersion: v2\nname: etherpad\nversion: 0.0.4+build.7\ndescription: for a test\n',
  );
  await clients.write('etherpad/values.yaml', 'replicas: 1\n');
  await clients.write(
    'etherpad/templates/configmap.yaml',
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  replicas: "{{ .Values.replicas }}"\n',
  );
});
afterAll(async () => {
  await registry.stop();
  await clients.remove();
});

it('pushes a chart, shows it, renders it and pulls the same bytes back', async () => {
  await clients.run('helm', ['package', './etherpad']);
  const file = 'etherpad-0.0.4+build.7.tgz';
  await clients.run('helm', ['push', '--plain-http', file, `oci://${registry.host}/alice`]);
  const chart = [`oci://${registry.host}/alice/etherpad`, '--version', '0.0.4+build.7', '--plain-http'];
  expect(await clients.run('helm', ['show', 'chart', ...chart])).toContain('description: for a test');
  expect(await clients.run('helm', ['show', 'values', ...chart])).toContain('replicas: 1');
  const rendered = await clients.run('helm', ['template', 'mine', ...chart, '--set', 'replicas=3']);
  expect(rendered).toContain('replicas: "3"');
  await clients.write('pulled/.keep', '');
  await clients.run('helm', ['pull', ...chart, '--destination', clients.path('pulled')]);
  const [pushed, pulled] = [await readFile(clients.path(file)), await readFile(clients.path('pulled', file))];
  expect(pulled.equals(pushed)).toBe(true);
});

it('takes a newer version under a tag of its own, and none from a stranger', async () => {
  await clients.run('helm', ['package', './etherpad', '--version', '0.0.5']);
  await clients.run('helm', ['push', '--plain-http', 'etherpad-0.0.5.tgz', `oci://${registry.host}/alice`]);
  const show = ['show', 'chart', `oci://${registry.host}/alice/etherpad`, '--plain-http'];
  expect(await clients.run('helm', show)).toContain('version: 0.0.5');
  await clients.run('helm', ['registry', 'logout', registry.host]);
  await clients.refused('helm', show);
});
