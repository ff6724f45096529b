import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import { expect, onTestFinished, test, vi } from 'vitest'
import { machineClock } from '../../../src/lib/clock.ts'
import { createLog } from '../../../src/log.ts'
import { keepCertificate } from '../../../src/smtp/certificate/keeper.ts'
import { good, wrongName } from '../../support/tls.ts'

const log = createLog({ level: 'silent' })

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-tls-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('a server that was given no certificate makes one that clients can check once they trust it', async () => {
  const dataDir = await aFolder()
  const place = { configured: null, dataDir, hostname: 'mail.example.org' }
  const keeper = await keepCertificate(place, machineClock, log)
  onTestFinished(() => keeper.close())
  const pem = await readFile(join(dataDir, 'tls', 'smtp.crt'), 'utf8')
  const certificate = new X509Certificate(pem)
  expect(certificate.verify(certificate.publicKey)).toBe(true)
  expect(certificate.subjectAltName).toBe('DNS:mail.example.org, DNS:localhost, IP Address:127.0.0.1')
  expect(Date.parse(certificate.validTo) - Date.now()).toBeGreaterThan(9 * 365 * 86_400_000)
  expect((await stat(join(dataDir, 'tls', 'smtp.key'))).mode & 0o777).toBe(0o600)

  const server = createServer({ SNICallback: (_, done) => done(null, keeper.current()) }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  const client = connect({ port, host: '127.0.0.1', servername: 'mail.example.org', ca: pem })
  await once(client, 'secureConnect')
  expect(client.authorized).toBe(true)
  client.destroy()

  const again = await keepCertificate(place, machineClock, log)
  const renamed = await keepCertificate({ ...place, hostname: 'other.example.org' }, machineClock, log)
  expect([again.fingerprint() === keeper.fingerprint(), renamed.fingerprint() === keeper.fingerprint()]).toEqual([true, false])
  again.close()
  renamed.close()
})

test('a configured certificate is read anew when its file changes, and kept when the new one is broken', async () => {
  const folder = await aFolder()
  const configured = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  const put = async ({ cert, key }: typeof good) => {
    await writeFile(configured.key, key)
    await writeFile(configured.cert, cert)
  }
  await put(good)
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const said: string[] = []
  const loud = createLog({ level: 'info', target: { write: (line) => void said.push(line) } })
  const keeper = await keepCertificate({ configured, dataDir: folder, hostname: 'x' }, machineClock, loud)
  const first = keeper.fingerprint()

  await put(wrongName)
  vi.advanceTimersByTime(30_000)
  await vi.waitUntil(() => keeper.fingerprint() !== first)
  const second = keeper.fingerprint()
  expect(second).toBe(new X509Certificate(wrongName.cert).fingerprint256)

  await writeFile(configured.cert, 'broken')
  vi.advanceTimersByTime(30_000)
  await vi.waitUntil(() => said.some((line) => line.includes('cannot be used')))
  expect(keeper.fingerprint()).toBe(second)
  keeper.close()
})

test('a certificate that is not there is explained by the names of the settings', async () => {
  const configured = { cert: '/nowhere/cert.pem', key: '/nowhere/key.pem' }
  const failed = keepCertificate({ configured, dataDir: '/nowhere', hostname: 'x' }, machineClock, log)
  await expect(failed).rejects.toThrow(/WAYBILL_TLS_CERT \(\/nowhere\/cert\.pem\) and WAYBILL_TLS_KEY .* cannot be used/)
})
