import { object, preset } from '../types/collections.js';
import { anything, choice, flag, integer, number, port, positive, secret, text } from '../types/scalars.js';

const scheme = preset(choice('http', 'https'), 'https');

const searchLimits = {
  search_timeout: preset(integer({ min: 5, max: 300 }), 60),
  max_results: preset(integer({ min: 100, max: 50_000 }), 10_000),
  export_batch_size: preset(integer({ min: 100, max: 10_000 }), 5_000),
};

const elasticsearch = object({
  required: { host: text, port },
  optional: { access_key: secret(text), secret_key: secret(text), aws_region: text, index_settings: anything },
  preset: { use_ssl: preset(flag, true), index_prefix: preset(text, 'logentry_') },
});

const kafka = object({
  required: { bootstrap_servers: anything, topic: text },
  preset: { max_block_seconds: preset(positive, 10) },
});

const kinesis = object({
  required: { stream_name: text, aws_region: text },
  optional: {
    aws_access_key: secret(text),
    aws_secret_key: secret(text),
    connect_timeout: number({ min: 0 }),
    read_timeout: number({ min: 0 }),
    max_retries: integer({ min: 0 }),
    retries: integer({ min: 0 }),
    max_pool_connections: positive,
  },
});

const splunk = object({
  required: { host: text, port, bearer_token: secret(text) },
  optional: { index_prefix: text, ssl_ca_path: text },
  preset: { url_scheme: scheme, verify_ssl: preset(flag, true), ...searchLimits },
});

const splunkHec = object({
  required: { host: text, hec_token: secret(text) },
  optional: { ssl_ca_path: text, index: text, splunk_host: text, search_host: text, search_token: secret(text) },
  preset: {
    port: preset(port, 443),
    url_scheme: scheme,
    verify_ssl: preset(flag, true),
    splunk_sourcetype: preset(text, 'access_combined'),
    timeout: preset(integer({ min: 1, max: 15 }), 10),
    search_port: preset(port, 8089),
    ...searchLimits,
  },
});

/** `producer` and the block of the same purpose. */
export const logsModelConfig = object({
  optional: {
    producer: choice('kafka', 'elasticsearch', 'kinesis_stream', 'splunk', 'splunk_hec'),
    elasticsearch_config: elasticsearch,
    kafka_config: kafka,
    kinesis_stream_config: kinesis,
    splunk_config: splunk,
    splunk_hec_config: splunkHec,
  },
});
