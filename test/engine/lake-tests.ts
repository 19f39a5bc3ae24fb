import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { until } from './docker.js';
import type { EksStack } from './eks-stack.js';
import { gather, RunningGather } from './gather.js';
import { Lake } from './lake.js';
import { S3Client } from './s3-client.js';

/** Trino on Iceberg, and `gather trino`, on a stack of the topology `eks`. */
export function describeLake(eks: EksStack): void {
  const lake = new Lake(eks.cwd);
  test('a partitioned table: made, filled, changed, and as it was before', async () => {
    expect(await lake.does('CREATE SCHEMA shop')).toEqual({ update: 'CREATE SCHEMA' });
    await lake.does(
      "CREATE TABLE shop.sales (id bigint, item varchar, day date) WITH (partitioning = ARRAY['month(day)'])",
    );
    const rows =
      "(1, 'tea', DATE '2026-01-02'), (2, NULL, DATE '2026-02-03'), (9007199254740993, 'ä\"'',', NULL)";
    expect(await lake.does(`INSERT INTO shop.sales VALUES ${rows}`)).toEqual({
      update: 'INSERT',
      updated: 3,
    });
    const parts = await lake.rows('SELECT count(*) FROM shop."sales$partitions"');
    expect(parts).toEqual([[3]]);
    const [[before]] = (await lake.rows(
      'SELECT snapshot_id FROM shop."sales$snapshots" ORDER BY committed_at DESC LIMIT 1',
    )) as [[string]];
    expect(await lake.does("UPDATE shop.sales SET item = 'coffee' WHERE id = 1")).toEqual({
      update: 'UPDATE',
      updated: 1,
    });
    expect(await lake.does('DELETE FROM shop.sales WHERE id = 2')).toEqual({ update: 'DELETE', updated: 1 });
    await lake.does('ALTER TABLE shop.sales ADD COLUMN price decimal(10, 2)');
    expect(await lake.rows('SELECT * FROM shop.sales ORDER BY id')).toEqual([
      [1, 'coffee', '2026-01-02', null],
      ['9007199254740993', `ä"',`, null, null],
    ]);
    expect(
      await lake.rows(`SELECT id, item FROM shop.sales FOR VERSION AS OF ${before} ORDER BY id`),
    ).toEqual([
      [1, 'tea'],
      [2, null],
      ['9007199254740993', `ä"',`],
    ]);
  });

  describe('gather trino', () => {
    test('prints rows as text and as CSV', async () => {
      const sql =
        "SELECT * FROM (VALUES (1, 'a,b', true), (20, NULL, false)) AS t (n, text, yes) ORDER BY n;";
      expect((await lake.ask(sql)).stdout).toBe('n   text  yes\n 1  a,b   true\n20  NULL  false');
      expect((await lake.ask(sql, '--format', 'csv')).stdout).toBe('n,text,yes\n1,"a,b",true\n20,,false');
    });

    test('prints every row of what comes in many pages', async () => {
      const { stdout } = await lake.ask(
        'SELECT orderkey FROM tpch.tiny.orders ORDER BY 1',
        '--format',
        'csv',
      );
      const keys = stdout.split('\n').slice(1).map(Number);
      expect(keys).toHaveLength(15000);
      expect(keys).toEqual([...keys].sort((a, b) => a - b));
    });

    test("tells what is wrong in Trino's words and with its line, and no more", async () => {
      const { code, stdout, stderr } = await lake.ask('SELECT id,\n  nope FROM shop.sales');
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toBe(
        "error: line 2:3: Column 'nope' cannot be resolved\n    nope FROM shop.sales\n    ^",
      );
      const json = await gather(['trino', '--output', 'json', 'SELEKT 1'], { cwd: eks.cwd });
      expect(json.code).toBe(1);
      expect(JSON.parse(json.stdout)).toMatchObject({
        type: 'error',
        code: 'QUERY_FAILED',
        details: ['SELEKT 1', '^'],
      });
    });

    test("without a statement is Trino's command line, which takes a file", async () => {
      const { code, stdout } = await gather(['trino'], {
        cwd: eks.cwd,
        input: 'SELECT 5;\nSELECT item FROM shop.sales WHERE id = 1;\n',
      });
      expect([code, stdout]).toEqual([0, '"5"\n"coffee"']);
    });

    test('Ctrl-C ends the query, here and in Trino', async () => {
      const sql = 'SELECT count(*) /* for ever */ FROM tpch.sf1000.lineitem';
      const states = async () =>
        (
          await lake.rows(`SELECT state, error_code FROM system.runtime.queries WHERE query = '${sql}'`)
        ).join();
      const running = new RunningGather(['trino', sql], eks.cwd);
      expect(await until(states, (now) => now.startsWith('RUNNING'))).toMatch(/^RUNNING/);
      expect(await running.end()).toBe(130);
      expect(await until(states, (now) => now.startsWith('FAILED'))).toBe('FAILED,USER_CANCELED');
    });
  });

  test("a catalog of the project's own is there; a broken one is told with file and line before anything happens", async () => {
    expect((await lake.rows('SHOW CATALOGS')).flat()).toEqual(['iceberg', 'own', 'system', 'tpch']);
    const broken = join(eks.cwd, 'config/trino/catalog/broken.properties');
    writeFileSync(broken, '# mine\nconnector.name\n');
    const { code, stderr } = await gather(['up', '--yes'], { cwd: eks.cwd });
    rmSync(broken);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining(`error: ${broken}:2: "connector.name" has no value`),
    ]);
  });

  test("Trino's user in the S3 server reaches its two buckets and no other", async () => {
    const minio = eks.idOf('minio');
    const root = await S3Client.as(minio, 'root', {
      accessKey: await eks.value('MINIO_ROOT_USER'),
      secretKey: await eks.value('MINIO_ROOT_PASSWORD'),
    });
    expect((await root.mc(['mb'], 'secret')).code).toBe(0);
    expect((await root.put('secret/a', 'x')).code).toBe(0);
    const trino = await S3Client.as(minio, 'trino', {
      accessKey: 'trino',
      secretKey: await eks.value('S3_TRINO_SECRET_KEY'),
    });
    expect((await trino.mc(['ls'])).stdout).toMatch(/trino-data\/\n.*trino-exchange\/$/);
    expect((await trino.keys('trino-data')).filter((key) => key.endsWith('.parquet')).length).toBeGreaterThan(
      2,
    );
    for (const bucket of ['trino-data', 'trino-exchange'])
      expect((await trino.put(`${bucket}/by-hand`, 'x')).code).toBe(0);
    for (const call of [
      trino.mc(['ls'], 'secret'),
      trino.put('secret/b', 'x'),
      trino.mc(['stat'], 'secret/a'),
    ])
      expect((await call).stderr).toMatch(/Access Denied|Insufficient permissions/);
  });
}
