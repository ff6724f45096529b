import { expect, test } from 'vitest'
import { exportSuppressions } from '../../../../src/delivery/suppression/lists/export.ts'
import { importSuppressions, type ListFormat } from '../../../../src/delivery/suppression/lists/import.ts'
import type { NewSuppression } from '../../../../src/delivery/suppression/suppress.ts'
import type { Suppression } from '../../../../src/delivery/suppression/suppression.ts'

const now = new Date('2026-11-22T10:00:00Z')

async function* bytes(text: string, pieceBytes = 7): AsyncGenerator<Uint8Array> {
  const all = Buffer.from(text)
  for (let at = 0; at < all.length; at += pieceBytes) yield all.subarray(at, at + pieceBytes)
}

async function read(format: ListFormat, text: string, pieceBytes?: number) {
  const saved: NewSuppression[] = []
  const chunks: number[] = []
  const save = async (rows: readonly NewSuppression[]) => {
    saved.push(...rows)
    chunks.push(rows.length)
    return rows.length
  }
  return { ...(await importSuppressions(bytes(text, pieceBytes), format, save, now)), saved, chunks }
}

test('a list of another system is understood: its columns, its reasons, its addresses', async () => {
  const text =
    'Email Address,Type,Comment\r\nAnn@Example.ORG,HardBounce,old\r\nbob@bücher.example,spam complaint,\r\nzoë@example.org,Unsubscribe,"a, b"\r\n'
  const { saved, ...result } = await read('csv', text)
  expect(result).toMatchObject({ lines: 3, added: 3, refused: 0, problems: [], endedAt: null })
  expect(saved.map(({ address, reason, note }) => [address, reason, note])).toEqual([
    ['ann@example.org', 'unknown_address', 'old'],
    ['bob@xn--bcher-kva.example', 'complaint', ''],
    ['zoë@example.org', 'unsubscribed', 'a, b'],
  ])
})

test('a file without a header is a list of addresses', async () => {
  expect((await read('csv', 'ann@example.org\nbob@example.org\n')).saved).toMatchObject([
    { address: 'ann@example.org', stream: 'all', reason: 'manual', source: 'import', expiresAt: null },
    { address: 'bob@example.org' },
  ])
})

test('each line that cannot be read is told with its number and why, and the others go on', async () => {
  const lines = [
    'address,stream,reason,expires_at',
    'ann@example.org,all,manual,',
    'nobody,all,manual,',
    'bob@example.org,newsletter,manual,',
    'cid@example.org,bulk,because,',
    'dan@example.org,bulk,manual,yesterday',
    'eve@example.org,bulk,manual,2020-01-01T00:00:00Z',
    'fay@example.org,bulk,mailbox_full,',
  ]
  const result = await read('csv', lines.join('\n'))
  expect(result).toMatchObject({ lines: 7, added: 2, refused: 5 })
  expect(result.problems.map(({ line, problem }) => [line, problem.split(' ').slice(0, 3).join(' ')])).toEqual([
    [3, 'This is not'],
    [4, 'The stream is'],
    [5, 'The reason is'],
    [6, 'The end is'],
    [7, 'It has ended'],
  ])
  expect(result.saved.at(-1)).toMatchObject({ address: 'fay@example.org', expiresAt: new Date('2026-11-29T10:00:00Z') })
})

test('JSON lines are strings or objects; what is neither is told', async () => {
  const text =
    '"ann@example.org"\n{"email":"bob@example.org","reason":"bounce","note":"n"}\n\n{"x":1}\n[1]\nnot json\n{"address":5}\n'
  const result = await read('jsonl', text)
  expect(result.saved.map(({ address, reason }) => [address, reason])).toEqual([
    ['ann@example.org', 'manual'],
    ['bob@example.org', 'unknown_address'],
  ])
  expect(result.problems.map(({ line }) => line)).toEqual([4, 5, 6, 7])
})

test('a long list is saved a thousand lines at a time, and a line without an end stays small', async () => {
  const list = Array.from({ length: 2_500 }, (_, i) => `r${i}@example.org`).join('\n')
  expect((await read('csv', list, 1_000)).chunks).toEqual([1_000, 1_000, 500])
  const endless = await read('jsonl', `"${'a'.repeat(300_000)}\n"ann@example.org"`, 5_000)
  expect(endless).toMatchObject({ lines: 2, added: 1, refused: 1 })
  expect(endless.problems[0]?.text.length).toBeLessThan(200)
})

test('of ten thousand faulty lines the first thousand are told, all are counted', async () => {
  const result = await read('csv', 'no\n'.repeat(10_000), 10_000)
  expect(result.refused).toBe(10_000)
  expect(result.problems).toHaveLength(1_000)
})

test('what is exported can be imported again, as CSV and as JSON lines', async () => {
  const rows: Suppression[] = [
    ['=cmd@example.org', 'all', 'manual', '=HYPERLINK("http://x")'],
    ['+ann@example.org', 'bulk', 'unsubscribed', 'a "quoted", note'],
    ['bob@example.org', 'all', 'unknown_address', '-1'],
  ].map(([address = '', stream, reason, note = '']) => ({
    address,
    stream: stream as Suppression['stream'],
    reason: reason as Suppression['reason'],
    source: 'person',
    deliveryId: null,
    note,
    reply: '550 5.1.1 no',
    createdAt: now,
    expiresAt: null,
  }))
  for (const format of ['csv', 'jsonl'] as const) {
    let text = ''
    for await (const part of exportSuppressions(format, async (after) => (after === null ? rows : []))) text += part
    const { saved, refused } = await read(format, text)
    expect(refused).toBe(0)
    expect(saved.map(({ address, stream, reason, note }) => [address, stream, reason, note])).toEqual(
      rows.map(({ address, stream, reason, note }) => [address, stream, reason, note]),
    )
    if (format === 'csv') expect(text).not.toMatch(/(^|,|\n)"?[=+\-@]/m)
  }
})
