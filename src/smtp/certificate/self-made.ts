import { generateKeyPairSync, sign } from 'node:crypto'
import { isIP } from 'node:net'
import { DAY } from '../../lib/clock.ts'

export interface CertificatePair {
  /** Both in PEM. */
  readonly cert: string
  readonly key: string
}

const LIFETIME_DAYS = 3_650
/** Clocks of clients are behind now and then. */
const BACKDATED_MS = DAY

const [BOOLEAN, INTEGER, BITS, OCTETS, OID, UTF8, SEQUENCE, SET, UTC_TIME, TIME] = [
  0x01, 0x02, 0x03, 0x04, 0x06, 0x0c, 0x30, 0x31, 0x17, 0x18,
] as const
const ECDSA_WITH_SHA256 = oid('2a8648ce3d040302')
const COMMON_NAME = oid('550403')
const ALTERNATIVE_NAMES = oid('551d11')
const KEY_USAGE = oid('551d0f')
const EXTENDED_KEY_USAGE = oid('551d25')
const SERVER = oid('2b06010505070301')

/**
 * A certificate that signs itself (X.509 v3, RFC 5280), for a server that was given none: the wire is then encrypted, though nobody vouches for the
 * name. Node signs but cannot write certificates; what is written here is the frame around its key and its signature.
 */
export function makeCertificate(names: readonly string[], serial: Uint8Array, now: Date): CertificatePair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const [commonName = 'localhost'] = names
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8, Buffer.from(commonName.slice(0, 64))))))
  const algorithm = der(SEQUENCE, ECDSA_WITH_SHA256)
  const content = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, Buffer.of(2))),
    der(INTEGER, Buffer.concat([Buffer.of(0x40 | ((serial[0] ?? 0) & 0x3f)), serial.subarray(1, 16)])),
    algorithm,
    name,
    der(SEQUENCE, time(new Date(now.getTime() - BACKDATED_MS)), time(new Date(now.getTime() + LIFETIME_DAYS * DAY))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      der(
        SEQUENCE,
        extension(ALTERNATIVE_NAMES, false, der(SEQUENCE, ...names.map(alternative))),
        extension(KEY_USAGE, true, der(BITS, Buffer.of(7, 0x80))), // digitalSignature
        extension(EXTENDED_KEY_USAGE, false, der(SEQUENCE, SERVER)),
      ),
    ),
  )
  const signature = sign('sha256', content, privateKey)
  const whole = der(SEQUENCE, content, algorithm, der(BITS, Buffer.of(0), signature))
  const base64 = whole.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function extension(id: Buffer, isCritical: boolean, value: Buffer): Buffer {
  return der(SEQUENCE, id, ...(isCritical ? [der(BOOLEAN, Buffer.of(0xff))] : []), der(OCTETS, value))
}

function alternative(name: string): Buffer {
  if (isIP(name) === 4) return der(0x87, Buffer.from(name.split('.').map(Number)))
  return der(0x82, Buffer.from(name, 'latin1'))
}

/** RFC 5280 §4.1.2.5: two digits of the year until 2049, four from then on. */
function time(at: Date): Buffer {
  const digits = `${at.toISOString().replace(/[-:T]|\..*/g, '')}Z`
  return at.getUTCFullYear() < 2050 ? der(UTC_TIME, Buffer.from(digits.slice(2))) : der(TIME, Buffer.from(digits))
}

function oid(hex: string): Buffer {
  return der(OID, Buffer.from(hex, 'hex'))
}

/** Tag, length, value (X.690 §8.1). */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const value = Buffer.concat(parts)
  const { length } = value
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), value])
}
