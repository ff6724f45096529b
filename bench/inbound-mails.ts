/** Mails that customers send, each different: text, or HTML with a file. */
const WORDS =
  'Hello, I ordered a lamp two weeks ago and it has not come. Could you look where it is? The number of my order is on the invoice. Thank you, and a nice day. '

export function customerMail(i: number, kind: InboundKind): Buffer {
  const head = [
    `Received: from mx${i % 7}.customer.example (mx.customer.example [192.0.2.${i % 250}]) by mail.example.com; Sun, 22 Nov 2026 10:00:00 +0000`,
    `From: Customer ${i} <customer${i}@customer.example>`,
    'To: Support <support@example.com>',
    `Subject: Order ${4_000 + i} has not come`,
    `Message-ID: <bench-${i}@customer.example>`,
    'Date: Sun, 22 Nov 2026 10:00:00 +0000',
    'MIME-Version: 1.0',
  ]
  return Buffer.from(kind === 'inbound-4k' ? text(head, i) : withFile(head, i))
}

export type InboundKind = 'inbound-4k' | 'inbound-40k'

function text(head: readonly string[], i: number): string {
  const body = wrapped(`Order ${i}. ${WORDS.repeat(23)}`)
  return [...head, 'Content-Type: text/plain; charset=utf-8', '', body].join('\r\n')
}

function withFile(head: readonly string[], i: number): string {
  const paragraphs = Array.from({ length: 30 }, () => `<p style="margin:0 0 1em"><span>${WORDS}</span></p>`).join('\r\n')
  const file = Buffer.alloc(22_000, `file ${i} `)
    .toString('base64')
    .replace(/(.{76})/g, '$1\r\n')
  return [
    ...head,
    'Content-Type: multipart/mixed; boundary="outer"',
    '',
    '--outer',
    'Content-Type: multipart/alternative; boundary="inner"',
    '',
    '--inner',
    'Content-Type: text/plain; charset=utf-8',
    '',
    wrapped(`Order ${i}. ${WORDS.repeat(10)}`),
    '--inner',
    'Content-Type: text/html; charset=utf-8',
    '',
    `<html><body><h1>Order ${i}</h1>${paragraphs}</body></html>`,
    '--inner--',
    '--outer',
    'Content-Type: application/pdf; name="invoice.pdf"',
    'Content-Disposition: attachment; filename="invoice.pdf"',
    'Content-Transfer-Encoding: base64',
    '',
    file,
    '--outer--',
    '',
  ].join('\r\n')
}

function wrapped(words: string): string {
  return words.replace(/(.{60,75}) /g, '$1\r\n')
}
