#!/usr/bin/env bash
# valibot 1.5.0: `record` and `object` take a list for a map.
#
# A good guess, for whoever declares a configuration format: v.record(v.string(), …) refuses `[a, b]`, as zod's record does. Seen: it
# accepts the list and gives back a map with the keys "0", "1"; so `changes: { web: [a] }` in a YAML file passes as if it were a map.
# What gather does: src/model/fields.ts refuses lists before `record` sees them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund valibot@1.5.0 zod@4.1.12 >/dev/null
cat >probe.mjs <<'JS'
import * as v from 'valibot';
import { z } from 'zod';
const list = ['a', 'b'];
const record = v.safeParse(v.record(v.string(), v.string()), list);
console.log(JSON.stringify({
  'valibot record': record.success ? record.output : 'refused',
  'valibot object': v.safeParse(v.object({}), list).success,
  'zod record': z.record(z.string(), z.string()).safeParse(list).success,
}));
JS
seen=$(node probe.mjs)
echo "valibot 1.5.0, zod 4.1.12: $seen"
wanted='{"valibot record":{"0":"a","1":"b"},"valibot object":true,"zod record":false}'
[ "$seen" = "$wanted" ] || { echo "changed: it was $wanted"; exit 1; }
