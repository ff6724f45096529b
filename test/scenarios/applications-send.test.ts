import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { promisify } from 'node:util'
import { createTransport } from 'nodemailer'
import { expect, test } from 'vitest'
import { API_KEY, freePort } from '../support/server-process.ts'
import { type Scene, scene } from './support.ts'

const run = promisify(execFile)
const has = (command: string, ...args: string[]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0

interface Place {
  readonly starttls: number
  readonly tls: number
  readonly username: string
  readonly password: string
  /** The certificate that the server made for itself: what an application has to trust. */
  readonly certificate: string
}

/** Waybill as people run it, its two ports, and a credential made through the API. */
async function withCredential(): Promise<Scene & Place> {
  const [starttls, tls] = [await freePort(), await freePort()]
  const made = await scene({ env: { WAYBILL_SUBMISSION_PORT: String(starttls), WAYBILL_SUBMISSION_TLS_PORT: String(tls) } })
  expect(await made.server.start(), made.server.lastWords).toBe('ready')
  const response = await fetch(`${made.server.url}/v1/credentials`, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Application', from_domains: ['example.com'] }),
  })
  const { username, password } = (await response.json()) as { username: string; password: string }
  return { ...made, starttls, tls, username, password, certificate: join(made.server.settings.dataDir, 'tls', 'smtp.crt') }
}

function bodyTo(smtp: Scene['smtp'], recipient: string): string {
  return smtp.messages.find(({ recipients }) => recipients.includes(recipient))?.content ?? ''
}

const SMTPLIB = `
import os, smtplib, ssl
from email.message import EmailMessage
def mail(to):
    m = EmailMessage()
    m['From'] = 'Shop <shop@example.com>'; m['To'] = to; m['Subject'] = 'Grüße aus Python'
    m['X-Waybill-Tag'] = 'python'
    m.set_content('Grüße\\n.\\nEnde\\n')
    m.add_attachment(b'\\x00\\xff' * 200000, maintype='application', subtype='octet-stream', filename='größe.bin')
    return m
trusting = ssl.create_default_context(cafile=os.environ['CERT'])
with smtplib.SMTP('localhost', int(os.environ['STARTTLS'])) as s:
    s.starttls(context=trusting)
    s.login(os.environ['USER_NAME'], os.environ['PASSWORD'])
    s.send_message(mail('starttls@example.org'))
    s.send_message(mail('again@example.org'))
with smtplib.SMTP_SSL('localhost', int(os.environ['TLS']), context=trusting) as s:
    s.login(os.environ['USER_NAME'], os.environ['PASSWORD'])
    s.send_message(mail('tls@example.org'))
`

/** Nothing of Waybill in it: the settings are the ones that every Django application reads from its environment. */
const DJANGO = `
import os
from django.conf import settings
settings.configure(
    EMAIL_BACKEND='django.core.mail.backends.smtp.EmailBackend',
    EMAIL_HOST=os.environ['DJANGO_EMAIL_HOST'], EMAIL_PORT=int(os.environ['DJANGO_EMAIL_PORT']),
    EMAIL_HOST_USER=os.environ['DJANGO_EMAIL_HOST_USER'], EMAIL_HOST_PASSWORD=os.environ['DJANGO_EMAIL_HOST_PASSWORD'],
    EMAIL_USE_TLS=os.environ.get('DJANGO_EMAIL_USE_TLS') == 'True', EMAIL_USE_SSL=os.environ.get('DJANGO_EMAIL_USE_SSL') == 'True',
    DEFAULT_FROM_EMAIL='noreply@example.com')
import django
django.setup()
from django.core.mail import EmailMultiAlternatives, get_connection, send_mail, send_mass_mail
to = os.environ['TO']
assert send_mail('Invitation à un document', 'Bonjour', None, ['invited-' + to], html_message='<p>Bonjour é</p>') == 1
assert send_mass_mail((('one', 'text', None, ['one-' + to]), ('two', 'text', None, ['two-' + to]))) == 2
mail = EmailMultiAlternatives('With a copy', 'text', None, ['to-' + to], bcc=['bcc-' + to])
mail.attach('notes.txt', 'x' * 500000, 'text/plain')
assert mail.send() == 1
`

test.skipIf(!has('python3', '-c', 'import smtplib'))(
  "Python's smtplib sends over both ports",
  async () => {
    const { starttls, tls, username, password, certificate, smtp, untilAll } = await withCredential()
    const env = {
      ...process.env,
      STARTTLS: `${starttls}`,
      TLS: `${tls}`,
      USER_NAME: username,
      PASSWORD: password,
      CERT: certificate,
    }
    await run('python3', ['-c', SMTPLIB], { env })
    await untilAll('sent')
    expect(smtp.received().sort()).toEqual(['again@example.org', 'starttls@example.org', 'tls@example.org'])
    expect(bodyTo(smtp, 'tls@example.org')).not.toMatch(/x-waybill/i)
    expect(bodyTo(smtp, 'tls@example.org')).toMatch(/^Subject: =\?utf-8\?/im)
  },
  90_000,
)

test.skipIf(!has('python3', '-c', 'import django'))(
  'an unchanged Django application sends, with its settings alone',
  async () => {
    const { starttls, tls, username, password, certificate, smtp, untilAll } = await withCredential()
    for (const [to, port, security] of [
      ['starttls@example.org', starttls, { DJANGO_EMAIL_USE_TLS: 'True' }],
      ['tls@example.org', tls, { DJANGO_EMAIL_USE_SSL: 'True' }],
    ] as const) {
      await run('python3', ['-c', DJANGO], {
        env: {
          ...process.env,
          DJANGO_EMAIL_HOST: 'localhost',
          DJANGO_EMAIL_PORT: String(port),
          DJANGO_EMAIL_HOST_USER: username,
          DJANGO_EMAIL_HOST_PASSWORD: password,
          ...security,
          SSL_CERT_FILE: certificate,
          TO: to,
        },
      })
    }
    await untilAll('sent')
    const each = (who: string) => ['starttls', 'tls'].map((kind) => `${who}-${kind}@example.org`)
    expect(smtp.received().sort()).toEqual(['bcc', 'invited', 'one', 'to', 'two'].flatMap(each).sort())
    expect(bodyTo(smtp, 'to-tls@example.org')).not.toMatch(/bcc-tls/)
  },
  90_000,
)

test('nodemailer sends over both ports, from a pool too', async () => {
  const { starttls, tls, username, password, smtp, untilAll } = await withCredential()
  const auth = { user: username, pass: password }
  const trusting = { tls: { rejectUnauthorized: false } }
  const transports = [
    createTransport({ host: '127.0.0.1', port: starttls, secure: false, requireTLS: true, auth, ...trusting }),
    createTransport({ host: '127.0.0.1', port: tls, secure: true, auth, pool: true, maxConnections: 3, ...trusting }),
  ]
  for (const [kind, transport] of transports.entries()) {
    await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        transport.sendMail({
          from: 'shop@example.com',
          to: `r${kind}.${i}@example.org`,
          subject: 'Grüße',
          text: 'Hello\n.\nend',
          headers: { 'X-Waybill-Tag': 'nodemailer' },
          attachments: [{ filename: 'größe.txt', content: 'x'.repeat(5_000) }],
        }),
      ),
    )
    transport.close()
  }
  await untilAll('sent')
  expect(new Set(smtp.received()).size).toBe(24)
}, 90_000)

test.skipIf(!has('swaks', '--version'))(
  'swaks sends with LOGIN and with PLAIN',
  async () => {
    const { starttls, tls, username, password, smtp, untilAll } = await withCredential()
    const common = [
      '--auth-user',
      username,
      '--auth-password',
      password,
      '--from',
      'shop@example.com',
      '--h-From',
      'shop@example.com',
    ]
    await run('swaks', ['--server', `127.0.0.1:${starttls}`, '--tls', '--auth', 'LOGIN', '--to', 'login@example.org', ...common])
    await run('swaks', ['--server', `127.0.0.1:${tls}`, '--tlsc', '--auth', 'PLAIN', '--to', 'plain@example.org', ...common])
    await untilAll('sent')
    expect(smtp.received().sort()).toEqual(['login@example.org', 'plain@example.org'])
  },
  90_000,
)

test('killed from one moment to the next while mail comes in: whatever was answered with 250 is there, and is sent', async () => {
  const { starttls, username, password, server, smtp, untilAll } = await withCredential()
  const answered: string[] = []
  const senders = Array.from({ length: 8 }, (_, c) => sendUntilCut(starttls, { username, password }, `c${c}`, answered))
  await smtp.when(({ messages }) => messages.length >= 60)
  await server.kill()
  await Promise.all(senders)
  expect(answered.length).toBeGreaterThan(50)
  expect(await server.start()).toBe('ready')
  await untilAll('sent')
  const sent = new Set(smtp.received())
  expect(answered.filter((recipient) => !sent.has(recipient))).toEqual([])
}, 90_000)

/** One mail after the other over one connection, until it breaks; notes who was promised. */
async function sendUntilCut(port: number, signIn: { username: string; password: string }, name: string, answered: string[]) {
  const bare = connect(port, '127.0.0.1')
  await say(bare, null)
  await say(bare, 'EHLO app.example.com\r\n')
  await say(bare, 'STARTTLS\r\n')
  bare.removeAllListeners()
  bare.on('error', () => {})
  const socket = connectTls({ socket: bare, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  await say(socket, 'EHLO app.example.com\r\n')
  await say(socket, `AUTH PLAIN ${Buffer.from(`\0${signIn.username}\0${signIn.password}`).toString('base64')}\r\n`)
  for (let i = 0; ; i += 1) {
    const to = `${name}.${i}@example.org`
    const mail = `From: shop@example.com\r\nTo: ${to}\r\nSubject: ${i}\r\nMessage-ID: <${name}.${i}@example.com>\r\n\r\nHello\r\n.\r\n`
    if (!(await say(socket, `MAIL FROM:<shop@example.com>\r\nRCPT TO:<${to}>\r\nDATA\r\n`)).includes('354 ')) return
    const answer = await say(socket, mail)
    if (!answer.startsWith('250 ')) return
    answered.push(to)
  }
}

/** What is heard next; '' when the wire breaks. */
function say(socket: Socket, text: string | null): Promise<string> {
  socket.removeAllListeners()
  return new Promise((resolve) => {
    socket.once('data', (bytes) => resolve(String(bytes)))
    socket.once('close', () => resolve(''))
    socket.on('error', () => resolve(''))
    if (text !== null) socket.write(text)
  })
}
