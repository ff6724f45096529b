import { expect, onTestFinished, test, vi } from 'vitest'
import { inMegabytes, meter } from '../../../src/db/backup/measure.ts'
import { tellWhenSlow } from '../../../src/lib/progress.ts'

test('what takes longer than a second says so once a second, and quick work says nothing', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const lines: string[] = []
  const speak = meter((line) => lines.push(line), 'Backing up')
  speak.on('delivery')
  speak.add(1_000_000)
  expect(lines).toEqual([])
  vi.advanceTimersByTime(1_000)
  speak.add(1_500_000)
  speak.add(1)
  expect(lines).toEqual(['Backing up delivery: 2.5 MB so far'])
})

test('something slow is told after a second and again every five', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const lines: string[] = []
  const work = tellWhenSlow(
    (line) => lines.push(line),
    'Waiting',
    new Promise((resolve) => setTimeout(() => resolve('done'), 12_000)),
  )
  await vi.advanceTimersByTimeAsync(12_000)
  expect(await work).toBe('done')
  expect(lines).toEqual(['Waiting … 1 s', 'Waiting … 6 s', 'Waiting … 11 s'])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(lines).toHaveLength(3)
})

test('sizes are written for people', () => {
  expect(inMegabytes(1_234_567_890)).toBe('1,234.6 MB')
})
