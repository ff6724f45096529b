import { isIP, type Socket } from 'node:net'
import { connect, rootCertificates, type TLSSocket } from 'node:tls'
import type { Trace } from '../../outcome.ts'
import type { Ending } from './ending.ts'
import type { SmtpOptions } from './options.ts'

export type Secured = { readonly socket: TLSSocket; readonly tls: NonNullable<Trace['tls']> } | Ending

/** What one connection learns for the next: a resumed session saves both sides the certificate and the signature. */
export interface TlsMemory {
  session: Buffer | null
}

/**
 * TLS 1.2 or newer over a connected socket, verified against the name that was dialled. Verification is left out only where the policy
 * says so: by an explicit choice, for a pinned certificate (then its fingerprint decides), or where encryption itself was optional.
 */
export function secure(socket: Socket, options: SmtpOptions, memory: TlsMemory): Promise<Secured> {
  return new Promise((resolve) => {
    const verify = options.tls.verify && options.tls.fingerprint === null && options.security !== 'opportunistic'
    const secured = connect({
      socket,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: verify,
      ...(isIP(options.host) === 0 && { servername: options.host }),
      ...(options.tls.ca !== null && { ca: [...rootCertificates, options.tls.ca] }),
      ...(memory.session && { session: memory.session }),
    })
    const limit = setTimeout(() => end(lost('TIMEOUT', 'the TLS handshake did not end in time')), options.timeouts.tls)
    const end = (result: Secured): void => {
      clearTimeout(limit)
      secured.removeAllListeners('error')
      secured.removeAllListeners('close')
      if (!('tls' in result)) {
        secured.on('error', () => {})
        secured.destroy()
        memory.session = null
      }
      resolve(result)
    }
    secured.on('session', (session: Buffer) => {
      memory.session = session
    })
    secured.on('error', (error: NodeJS.ErrnoException) => end(lost(error.code ?? 'EPROTO', error.message)))
    secured.on('close', () => end(lost('CLOSED', 'the server closed the connection during the TLS handshake')))
    secured.on('secureConnect', () => {
      const mismatch = fingerprintMismatch(secured, options.tls.fingerprint)
      if (mismatch !== null) return end(lost('ERR_TLS_FINGERPRINT', mismatch))
      end({
        socket: secured,
        tls: {
          version: secured.getProtocol() ?? 'unknown',
          cipher: secured.getCipher().name,
          verified: secured.authorized || options.tls.fingerprint !== null,
        },
      })
    })
  })
}

/** A resumed session carries no certificate; it continues one whose certificate was compared. */
function fingerprintMismatch(socket: TLSSocket, wanted: string | null): string | null {
  if (wanted === null || socket.isSessionReused()) return null
  const found = socket.getPeerCertificate().fingerprint256 ?? 'no certificate'
  return plain(found) === plain(wanted) ? null : `the server's certificate has the fingerprint ${found}, not the pinned one`
}

function plain(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toUpperCase()
}

function lost(code: string, message: string): Ending {
  return { stage: 'tls', kind: 'lost', code, message, bodySent: false }
}
