import { randomUUID } from 'node:crypto';
import type { handleUnaryCall } from '@grpc/grpc-js';
import gossips from '@eventstore/db-client/generated/gossip_pb.js';
import type { ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { Empty } from '@eventstore/db-client/generated/shared_pb.js';

export type Member = { readonly host: string; readonly port: number; readonly isLeader: boolean };

/** Says which nodes there are; anybody may ask, as on the genuine server. */
export const gossip =
  (members: () => readonly Member[]): handleUnaryCall<Empty, ClusterInfo> =>
  (_, callback) => {
    const cluster = new gossips.ClusterInfo();
    for (const { host, port, isLeader } of members()) {
      const { LEADER, FOLLOWER } = gossips.MemberInfo.VNodeState;
      const endPoint = new gossips.EndPoint();
      endPoint.setAddress(host);
      endPoint.setPort(port);
      const member = new gossips.MemberInfo();
      member.setInstanceId(new shared.UUID().setString(randomUUID()));
      member.setTimeStamp(String(Date.now()));
      member.setState(isLeader ? LEADER : FOLLOWER);
      member.setIsAlive(true);
      member.setHttpEndPoint(endPoint);
      cluster.addMembers(member);
    }
    callback(null, cluster);
  };

const METHODS: Readonly<Record<string, readonly string[]>> = {
  'event_store.client.streams.Streams': ['append', 'batchappend', 'delete', 'read', 'tombstone'],
  'event_store.client.gossip.Gossip': ['read'],
  'event_store.client.server_features.ServerFeatures': ['getsupportedmethods'],
};

/** What this server can do: the part of version 23.10 that lies here. */
export const supportedMethods: handleUnaryCall<Empty, SupportedMethods> = (_, callback) => {
  const supported = new features.SupportedMethods();
  supported.setEventStoreServerVersion('23.10.0');
  for (const [service, methods] of Object.entries(METHODS)) {
    for (const name of methods) {
      const method = new features.SupportedMethod();
      method.setServiceName(service);
      method.setMethodName(name);
      supported.addMethods(method);
    }
  }
  callback(null, supported);
};
