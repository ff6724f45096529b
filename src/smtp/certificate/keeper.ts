import { randomBytes, X509Certificate } from 'node:crypto'
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createSecureContext, type SecureContext } from 'node:tls'
import { type Clock, DAY, SECOND } from '../../lib/clock.ts'
import { Explained } from '../../lib/explained.ts'
import type { Log } from '../../log.ts'
import { type CertificatePair, makeCertificate } from './self-made.ts'

/** The certificate of the SMTP ports, always the newest one. */
export interface CertificateKeeper {
  current(): SecureContext
  readonly origin: 'configured' | 'self_made'
  /** SHA-256, as certificates are compared by. */
  fingerprint(): string
  close(): void
}

export interface CertificatePlace {
  /** Files in PEM that somebody else renews; null: one of our own, in the data folder. */
  readonly configured: { readonly cert: string; readonly key: string } | null
  readonly dataDir: string
  readonly hostname: string
}

const LOOK_MS = 30 * SECOND
const RENEW_BEFORE_MS = 60 * DAY

export async function keepCertificate(place: CertificatePlace, clock: Clock, log: Log): Promise<CertificateKeeper> {
  const files = place.configured ?? (await ownFiles(place, clock.now()))
  let stamp = await stampOf(files).catch(() => '')
  let loaded = await load(files).catch((error: Error) => {
    throw place.configured
      ? new Explained(
          `The certificate of WAYBILL_TLS_CERT (${files.cert}) and WAYBILL_TLS_KEY (${files.key}) cannot be used: ${error.message}. Both are files in PEM, and belong together.`,
        )
      : error
  })
  const look = async () => {
    const found = await stampOf(files)
    if (found === stamp) return
    stamp = found
    loaded = await load(files)
    log.info({ fingerprint: loaded.fingerprint }, 'The SMTP ports use the new certificate.')
  }
  const timer = setInterval(() => {
    look().catch((error: unknown) =>
      log.warn({ err: error }, 'The new certificate cannot be used: the SMTP ports keep the one before.'),
    )
  }, LOOK_MS)
  timer.unref()
  return {
    current: () => loaded.context,
    origin: place.configured ? 'configured' : 'self_made',
    fingerprint: () => loaded.fingerprint,
    close: () => clearInterval(timer),
  }
}

interface Files {
  readonly cert: string
  readonly key: string
}

async function load(files: Files): Promise<{ context: SecureContext; fingerprint: string }> {
  const [cert, key] = await Promise.all([readFile(files.cert, 'utf8'), readFile(files.key, 'utf8')])
  const context = createSecureContext({ cert, key, minVersion: 'TLSv1.2' })
  return { context, fingerprint: new X509Certificate(cert).fingerprint256 }
}

async function stampOf(files: Files): Promise<string> {
  const stats = await Promise.all([stat(files.cert), stat(files.key)])
  return stats.map(({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`).join(' ')
}

/** Our own, made once. One that ends soon, or for another name, is made anew. */
async function ownFiles({ dataDir, hostname }: CertificatePlace, now: Date): Promise<Files> {
  const folder = join(dataDir, 'tls')
  const files = { cert: join(folder, 'smtp.crt'), key: join(folder, 'smtp.key') }
  const kept = await readFile(files.cert, 'utf8').then(
    (text) => new X509Certificate(text),
    () => null,
  )
  const names = [...new Set([hostname.replace(/^\[|\]$/g, ''), 'localhost', '127.0.0.1'])]
  const isGood =
    kept?.checkHost('localhost') !== undefined &&
    names.every((name) => (/^[\d.]+$/.test(name) ? kept.checkIP(name) : kept.checkHost(name)) !== undefined) &&
    Date.parse(kept.validTo) - now.getTime() > RENEW_BEFORE_MS
  if (!isGood) await writePair(folder, files, makeCertificate(names, randomBytes(16), now))
  return files
}

async function writePair(folder: string, files: Files, pair: CertificatePair): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // The certificate last: with it the pair is complete.
  await writeWhole(files.key, pair.key, 0o600)
  await writeWhole(files.cert, pair.cert, 0o644)
}

async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  const file = await open(temporary, 'w', mode)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
}
