// Peer 1: the layout of Airflow's own quick-start, written from its facts (services, intervals, probes).
import { Peer } from './peer.mjs';

export const quickStart = (major, images) => new Peer(`quick-start/compose-${major}.yaml`, { major, images });
