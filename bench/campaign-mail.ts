/** What both sides send: a newsletter of about 40 KB of HTML, with a name in subject, greeting and a link. */
const PARAGRAPH =
  '<p style="margin:0 0 16px;font-size:16px;line-height:24px;color:#333333">The quick brown fox jumps over the lazy dog.</p>\n'

export function newsletter(
  sizeBytes: number,
  place: (field: 'name' | 'email') => string,
): { subject: string; html: string; text: string } {
  const filling = PARAGRAPH.repeat(Math.max(1, Math.floor(sizeBytes / PARAGRAPH.length)))
  return {
    subject: `News for ${place('name')}`,
    html: `<!doctype html><html><body><p>Dear ${place('name')},</p>${filling}<p><a href="https://example.com/?for=${place('email')}">More</a></p></body></html>`,
    text: `Dear ${place('name')},\n\n${'The quick brown fox jumps over the lazy dog.\n'.repeat(20)}https://example.com/?for=${place('email')}\n`,
  }
}
