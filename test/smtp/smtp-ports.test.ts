import { createServer } from 'node:net'
import { createSecureContext } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { listOpenIncidents } from '../../src/incidents/incidents.ts'
import { createMemoryBudget } from '../../src/lib/memory-budget.ts'
import { createLog } from '../../src/log.ts'
import { inboundPolicy } from '../../src/smtp/inbound/inbound-policy.ts'
import { openPorts } from '../../src/smtp/smtp-ports.ts'
import { freePort } from '../support/server-process.ts'
import { good } from '../support/tls.ts'
import { type World, world } from '../support/world.ts'
import { SmtpTalk } from './support.ts'

async function portOf(shop: World, port: number, said: string[] = []) {
  const budget = createMemoryBudget({ totalBytes: 1_000_000, waiting: 1, waitMs: 10 })
  const policy = inboundPolicy({ ...shop, budget, wake: () => {} })
  const ports = await openPorts(
    [{ policy, implicitTls: false, port, variable: 'WAYBILL_INBOUND_PORT', purpose: 'bounces are not heard.' }],
    {
      ...shop,
      log: createLog({ level: 'info', target: { write: (line) => void said.push(line) } }),
      hostname: 'mail.example.com',
      host: '127.0.0.1',
      secureContext: () => createSecureContext(good),
    },
  )
  onTestFinished(() => ports.close(0))
  return ports
}

test('a port that another program holds is told as an incident and in the log, and stops nothing', async () => {
  const shop = await world()
  const holder = createServer()
  const port = await freePort()
  await new Promise<void>((resolve) => void holder.listen(port, '127.0.0.1', resolve))
  const said: string[] = []
  const ports = await portOf(shop, port, said)
  const sentence = `Port ${port} (WAYBILL_INBOUND_PORT) is closed, since another program listens on it: bounces are not heard.`
  expect(ports.troubles()).toEqual([sentence])
  expect(said.join('')).toContain(sentence)
  expect(await listOpenIncidents(shop.database.db, shop.workspaceId, 10)).toMatchObject([{ kind: 'smtp.port', sentence }])
  await ports.close(0)
  await new Promise((resolve) => holder.close(resolve))

  // The next start finds it free, and says that it is over.
  const again = await portOf(shop, port)
  expect(again.troubles()).toEqual([])
  expect(await listOpenIncidents(shop.database.db, shop.workspaceId, 10)).toEqual([])
  expect(await (await SmtpTalk.open(port)).hello()).toMatch(/^250-mail\.example\.com greets app\.example\.com/)
})

test('0 switches a port off', async () => {
  const shop = await world()
  const ports = await portOf(shop, 0)
  expect(ports.troubles()).toEqual([])
})

test('a server that stops says so to whoever is idle', async () => {
  const shop = await world()
  const port = await freePort()
  const ports = await portOf(shop, port)
  const talk = await SmtpTalk.open(port)
  await talk.hello()
  await ports.close(1_000)
  expect(await talk.rest()).toMatch(/^421 4\.3\.2 /)
})
