import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { createNotifier } from '../../src/db/notify.ts'
import { waitUntil } from '../../src/lib/wait.ts'
import { WORK } from '../../src/lib/work.ts'
import { testDatabase } from '../support/database.ts'

test('a hint wakes those whose work it names: here at once and only once, and in other processes', async () => {
  const connection = await testDatabase()
  const database = openDatabase({ connection: { ...connection }, maxConnections: 2, applicationName: 'test' })
  const [here, there] = [createNotifier(connection, database.pool), createNotifier(connection, database.pool)]
  onTestFinished(async () => {
    await Promise.all([here.close(), there.close()])
    await database.close()
  })
  const heard: string[] = []
  const seen = (isSo: () => boolean) => waitUntil(isSo, { limitMs: 30_000 })
  for (const work of WORK) {
    here.onHint(work, () => heard.push(`here ${work}`))
    there.onHint(work, () => heard.push(`there ${work}`))
  }
  // Until both listen.
  await seen(() => {
    here.hint('requests')
    there.hint('feedback')
    return heard.includes('there requests') && heard.includes('here feedback')
  })
  const of = (...work: string[]) => heard.filter((one) => work.some((name) => one.endsWith(name)))
  here.hint('log')
  expect(of('log')).toEqual(['here log'])
  await seen(() => heard.includes('there log'))
  there.hint('mail')
  // What is said is heard in its order: by now what this process said would have come back to it.
  await seen(() => heard.includes('here mail'))
  expect(of('log', 'mail', 'arrivals')).toEqual(['here log', 'there log', 'there mail', 'here mail'])
  here.hint()
  expect(of('arrivals')).toEqual(['here arrivals'])
  await seen(() => heard.includes('there arrivals'))
})
