const LINE = `${'The quick brown fox jumps over the lazy dog, again and again and '.padEnd(74, '.')}\r\n`

/** A plain message of exactly `sizeBytes` bytes, different for every `i`. */
export function rawMessage(i: number, sizeBytes: number): string {
  const head =
    `Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nFrom: bench@example.com\r\nTo: r${i}@example.org\r\nSubject: Message ${i}\r\n` +
    `Message-ID: <bench-${i}@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n`
  const body = LINE.repeat(Math.ceil(sizeBytes / LINE.length)).slice(0, sizeBytes - head.length - 2)
  return `${head}${body.replace(/\r$/, '.')}\r\n`
}
