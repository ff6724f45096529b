import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitQuoted, type VisibleText } from '../../src/mail/visible-text.ts'

const REPLY = { subject: 'Re: Order', inReplyTo: ['<1@example.com>'], references: [] }

function ofText(text: string, subject = 'Re: Order'): VisibleText {
  return splitQuoted({ ...REPLY, subject, text, html: null })
}
function ofHtml(html: string, subject = 'Re: Order'): VisibleText {
  return splitQuoted({ ...REPLY, subject, text: null, html })
}

test.each([
  ['On Tue, Nov 21, 2026 at 10:02 AM Ann <ann@example.org> wrote:'],
  ['On Tue, Nov 21, 2026 at 10:02 AM Ann Very Long Name of a Person <\nann@example.org> wrote:'],
  ['Am 21.11.2026 um 10:02 schrieb Ann <ann@example.org>:'],
  ['Am Di., 21. Nov. 2026 um 10:02 Uhr schrieb Ann <ann@example.org>:'],
  ['Le mar. 21 nov. 2026 à 10:02, Ann <ann@example.org> a écrit\u00a0:'],
  ['El mar, 21 nov 2026 a las 10:02, Ann (<ann@example.org>) escribió:'],
  ['Il giorno mar 21 nov 2026 alle ore 10:02 Ann <ann@example.org> ha scritto:'],
  ['Em ter., 21 de nov. de 2026 às 10:02, Ann <ann@example.org> escreveu:'],
  ['Op di 21 nov 2026 om 10:02 schreef Ann <ann@example.org>:'],
  ['Den tis 21 nov. 2026 kl 10:02 skrev Ann <ann@example.org>:'],
  ['tir. 21. nov. 2026 kl. 10:02 skrev Ann <ann@example.org>:'],
  ['ti 21. marrask. 2026 klo 10.02 Ann (ann@example.org) kirjoitti:'],
  ['wt., 21 lis 2026 o 10:02 Ann <ann@example.org> napisał(a):'],
  ['út 21. 11. 2026 v 10:02 odesílatel Ann <ann@example.org> napsal:'],
  ['вт, 21 нояб. 2026 г. в 10:02, Ann <ann@example.org>:'],
  ['вт, 21 лист. 2026 р. о 10:02 Ann <ann@example.org> пише:'],
  ['21 Kas 2026 Sal, saat 10:02 tarihinde Ann <ann@example.org> şunu yazdı:'],
  ['Ann <ann@example.org> ezt írta (időpont: 2026. nov. 21., K, 10:02):'],
  ['Στις Τρί 21 Νοε 2026 στις 10:02 π.μ., ο χρήστης Ann <ann@example.org> έγραψε:'],
  ['2026年11月21日(火) 10:02 Ann <ann@example.org>:'],
  ['Ann <ann@example.org> 于2026年11月21日周二 10:02写道：'],
  ['2026년 11월 21일 (화) 오전 10:02, Ann <ann@example.org>님이 작성:'],
  ['\u200fבתאריך יום ג׳, 21 בנוב׳ 2026 ב-10:02 מאת \u202aAnn\u202c\u200f <\u202aann@example.org\u202c\u200f>:\u200f'],
  ['في الثلاثاء، ٢١ نوفمبر 2026 في 10:02 ص تمت كتابة ما يلي بواسطة Ann <ann@example.org>:'],
  ['---- On Tue, 21 Nov 2026 10:02:50 +0530 Ann <ann@example.org> wrote ----'],
  ['-----Original Message-----\nFrom: Ann <ann@example.org>\nSent: Tuesday\nTo: Shop\nSubject: Order'],
  ['-----Ursprüngliche Nachricht-----'],
  [
    '________________________________\nVon: Ann <ann@example.org>\nGesendet: Dienstag, 21. November 2026 10:02\nAn: Shop\nBetreff: Order',
  ],
  ['*De :* Ann <ann@example.org>\n*Envoyé :* mardi 21 novembre 2026 10:02\n*À :* Shop\n*Objet :* Order'],
  ['差出人: Ann <ann@example.org>\n送信日時: 2026年11月21日 10:02\n宛先: Shop\n件名: Order'],
  ['##- Please type your reply above this line -##'],
  ['— Bitte antworten Sie oberhalb dieser Zeile —'],
  ['Write your answer to the customer above this line; for a note, begin it with @note'],
  ['-- Veuillez répondre au-dessus de cette ligne --'],
])('what stands below %j is quoted, marked or not', (separator) => {
  for (const below of ['> Where is it?\n> \n> Ann', 'Where is it?\n\nAnn']) {
    expect(ofText(`Here it is.\n\nBob\n-- \nBob's shop\n\n${separator}\n\n${below}\n`)).toEqual({
      text: "Here it is.\n\nBob\n-- \nBob's shop",
      quoted: `${separator}\n\n${below}`,
      html: null,
    })
  }
})

test.each([
  ['answers point by point', 'On Tue, Nov 21, 2026 at 10:02 AM Ann <ann@example.org> wrote:\n> Blue?\n\nYes.\n\n> Large?\n\nNo.'],
  ['quotes lines that are not an answer', 'It says:\n> disk full\n> stopped\nWhat now?'],
  ['has no word but its quote', 'On Tue, Nov 21, 2026 at 10:02 AM Ann <ann@example.org> wrote:\n> Blue?'],
  ['speaks of what somebody wrote', 'On the whole, as Ann wrote:\nit is fine.\n\nOn Monday: nothing.'],
  ['names headers in passing', 'From: our side it is done.\nTo: me it looks fine.\nThanks'],
  ['speaks of a line', 'I drew the frame above this line.\nWrite the total above the red line.\nThanks'],
  ['draws lines', 'One\n-----\nTwo\n=====\nThree\n_____\nFour'],
  [
    'forwards',
    'See below.\n\n---------- Forwarded message ---------\nFrom: Ann <ann@example.org>\nDate: Tue\nSubject: x\nTo: me\n\nHelp',
  ],
  [
    'forwards in another language',
    'Siehe unten.\n\nAnfang der weitergeleiteten Nachricht:\n\nVon: Ann\nDatum: x\nAn: mich\n\nHilfe',
  ],
  ['ends in a signature', 'Yes.\n\n--\nBob\nSent from my iPhone'],
])('a mail that %s is visible as a whole', (_, text) => {
  expect(ofText(text)).toEqual({ text, quoted: null, html: null })
})

test('what an Outlook passes on is visible, what it answers is not', () => {
  const text = 'Look.\n\nFrom: Ann <ann@example.org>\nSent: Tuesday\nTo: Shop\nSubject: Order\n\nHelp'
  expect(ofText(text, 'FW: Order').quoted).toBeNull()
  expect(ofText(text, 'WG: Order').quoted).toBeNull()
  expect(ofText(text, 'AW: Order')).toMatchObject({ text: 'Look.' })
  const shown = (words: string) =>
    splitQuoted({ subject: 'A mail I got', inReplyTo: [], references: [], text: words, html: null })
  expect(shown(text)).toMatchObject({ text: 'Look.' })
  expect(shown(text.replace('Look.', 'I got this:')).quoted).toBeNull()
  expect(shown(text.replace('To: Shop\n', '')).quoted).toBeNull()
})

test('who answers below the quote is read from there, and loses no signature', () => {
  const quote =
    'On Tue, Nov 21, 2026 at 10:02 AM Ann <ann@example.org> wrote:\n> Blue?\n> A long line that the program of the writer broke without marking\nthe rest of it\n> Ann'
  expect(ofText(`Hi Ann,\n\n${quote}\n\nYes, blue.\n-- \nBob`)).toEqual({
    text: 'Hi Ann,\n\nYes, blue.\n-- \nBob',
    quoted: quote,
    html: null,
  })
  expect(ofText(`${quote}\n\nYes.`)).toMatchObject({ text: 'Yes.', quoted: quote })
})

const ASKED = '<p>Where is it?</p>'
test.each([
  [
    'Gmail',
    '<div dir="ltr">Here.</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Tue, Ann &lt;ann@example.org&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px solid #ccc">',
    '</blockquote></div>',
  ],
  [
    'Apple Mail',
    '<div>Here.</div><div><br><blockquote type="cite"><div>On 21 Nov 2026, at 10:02, Ann &lt;ann@example.org&gt; wrote:</div><br><div>',
    '</div></blockquote></div><br>',
  ],
  [
    'Thunderbird',
    '<p>Here.</p><div class="moz-cite-prefix">On 21.11.26 10:02, Ann wrote:<br></div><blockquote type="cite" cite="mid:1@example.com">',
    '</blockquote>',
  ],
  [
    'Outlook on the web',
    '<div class="elementToProof">Here.</div><div id="appendonsend"></div><hr style="width:98%"><div id="divRplyFwdMsg"><font><b>From:</b> Ann<br><b>Sent:</b> Tuesday<br><b>To:</b> Shop<br><b>Subject:</b> Order</font></div>',
    '',
  ],
  [
    'Outlook',
    '<div class="WordSection1"><p class="MsoNormal">Here.<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p class="MsoNormal"><b>Von:</b> Ann &lt;ann@example.org&gt; <br><b>Gesendet:</b> Dienstag, 21. November 2026 10:02<br><b>An:</b> Shop<br><b>Betreff:</b> Order</p></div></div>',
    '</div>',
  ],
  [
    'Yahoo',
    '<div>Here.</div><div id="yahoo_quoted_123" class="yahoo_quoted"><div><div>On Tuesday, Ann wrote:</div><div>',
    '</div></div></div>',
  ],
  [
    'Proton',
    '<div>Here.</div><div class="protonmail_quote">On Tuesday, November 21st, 2026 at 10:02, Ann &lt;ann@example.org&gt; wrote:<br><blockquote class="protonmail_quote" type="cite">',
    '</blockquote><br></div>',
  ],
  [
    'a program that is not known',
    '<div>Here.</div><div>Am 21.11.2026 um 10:02 schrieb Ann &lt;ann@example.org&gt;:</div><blockquote>',
    '</blockquote>',
  ],
])('the HTML of %s is cut where it quotes, into two whole pieces', (_, before, after) => {
  const { text, quoted, html } = ofHtml(`<html><body><div id="x"><style>p{}</style>${before}${ASKED}${after}</div></body></html>`)
  expect(text).toBe('Here.')
  expect(quoted).toContain('Where is it?')
  expect(html?.visible).toContain('Here.')
  expect(html?.visible).not.toMatch(/Where is it|Ann|<hr/)
  expect(html?.quoted).toMatch(/Ann[\s\S]*Where is it/)
  expect(html?.quoted).not.toContain('Here.')
  for (const piece of [html?.visible, html?.quoted]) expect(unclosed(piece ?? '')).toEqual([])
})

test('a Gmail that forwards is visible, and so is one that answers point by point', () => {
  const forwarded =
    '<div>See.</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>From: Ann</div>Help</div>'
  expect(ofHtml(forwarded, 'Fwd: x')).toMatchObject({ quoted: null, html: { quoted: null } })
  const quote = (words: string) => `<blockquote class="gmail_quote" style="border-left:1px solid">${words}</blockquote>`
  const inline = `<div class="gmail_quote"><div>On Tue, Nov 21, 2026 Ann &lt;a@example.org&gt; wrote:</div></div>${quote('Blue?')}<div>Yes.</div>${quote('Large?')}<div>No.</div>`
  expect(ofHtml(inline)).toMatchObject({ quoted: null, html: { quoted: null } })
})

test('an indented paragraph is no quote', () => {
  expect(
    ofHtml('<div>So:</div><blockquote style="margin:0 0 0 40px;border:none;padding:0px">Do this.</blockquote>').quoted,
  ).toBeNull()
})

test('HTML becomes the words that it shows', () => {
  const html =
    '<h1>Hello</h1><p>One<br>two  &amp;\n three</p><ul><li>a</li><li>b</li></ul><table><tr><td>x</td><td>y</td></tr></table><pre>p\n  q</pre><img src="cid:a"><img src="https://x/p.gif" width="1"><img alt="Logo" src="https://x/l.png"><script>bad()</script>'
  expect(ofHtml(html, 'Hi').text).toBe('Hello\n\nOne\ntwo & three\n\n- a\n- b\n\nx y\n\np\n  q\n\n[image][Logo]')
})

test('pictures stay where they are until it is known who reads', () => {
  const { html } = ofHtml('<img src="cid:a@b"><img src="https://x.example/p.gif"><p data-quoted="rest">x</p>', 'Hi')
  expect(html?.visible).toContain('cid:a%40b')
  expect(html?.visible).toContain('https://x.example/p.gif')
  expect(html?.visible).not.toContain('data-quoted')
})

test('nothing is lost and nothing is torn, whatever a mail holds', () => {
  const piece = fc.constantFrom(
    'Hello\n',
    '\n',
    '> quoted\n',
    '>> twice\n',
    'On Tue, Nov 21, 2026 at 10:02 Ann <a@example.org> wrote:\n',
    '-----Original Message-----\n',
    'From: a\nSent: b\nTo: c\nSubject: d\n',
    '____\n',
    '-- \nBob\n',
    'wrote:\n',
    ':\n',
    '<div>',
    '</div>',
    '<blockquote type="cite">',
    '</blockquote>',
    '<div class="gmail_quote">',
    '<div id="divRplyFwdMsg">',
    '<p>',
    '<br>',
    '<table><tr><td>',
    '<pre>',
    '<hr>',
    '&lt;',
    'x',
  )
  const words = (text: string) => text.replace(/[\s>_-]|\[image]/g, '')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const source = pieces.join('')
      const plain = ofText(source)
      expect([...words(plain.text + (plain.quoted ?? ''))].sort().join('')).toBe([...words(source)].sort().join(''))
      const { text, quoted, html } = ofHtml(source)
      const whole = splitQuoted({ subject: '', inReplyTo: [], references: [], text: null, html: `${source}` })
      if (whole.quoted === null)
        expect([...words(text + (quoted ?? ''))].sort().join('')).toBe([...words(whole.text)].sort().join(''))
      for (const part of [html?.visible ?? '', html?.quoted ?? '']) expect(unclosed(part)).toEqual([])
    }),
    { numRuns: 400 },
  )
})

/** Tags that are closed without being open, or stay open. */
function unclosed(html: string): string[] {
  const open: string[] = []
  for (const [source, slash, tag = ''] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)[^<>]*>/g)) {
    if (source.endsWith('/>')) continue
    if (slash === '') open.push(tag)
    else if (open.at(-1) === tag) open.pop()
    else return [source]
  }
  return open
}
