/** Templates to begin with. Each has places, so that whoever only writes never meets the design. */
import { type Block, DEFAULT_LOOK } from '../blocks/block.ts'
import type { TemplateText } from './template-entry.ts'

export interface ReadyTemplate extends TemplateText {
  readonly key: string
}

const GREETING = { path: 'contact.first_name', fallback: 'there', required: false } as const

const LETTER = `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<style>
:root{color-scheme:light dark}
body{margin:0;padding:0;-webkit-text-size-adjust:100%}
p{margin:0 0 16px}
a{color:#0c5a63}
@media (prefers-color-scheme:dark){
.page{background:#101615!important;color:#e6ebe8!important}
.quiet{color:#aab5b0!important}
a{color:#7cc9d2!important}
}
</style>
</head>
<body class="page" style="margin:0;background:#ffffff;color:#1d2826;font-family:Georgia,'Times New Roman',serif;font-size:18px;line-height:1.6">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td align="center" style="padding:40px 20px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px"><tr><td align="left">
<p>{% slot greeting line %}Hello {{ contact.first_name }},{% endslot %}</p>
{% slot content %}Write here what you would write to a friend: one thought, and what you would like to hear back.{% endslot %}
<p style="margin-top:32px">{% slot closing line %}Kind regards{% endslot %}<br>{% slot signature line %}Your name{% endslot %}</p>
<p class="quiet" style="margin-top:48px;font-family:-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;font-size:13px;color:#5b6965">{% slot footer line %}You get this because you asked for our letters.{% endslot %} <a href="{{ unsubscribe_url }}">Unsubscribe</a></p>
</td></tr></table>
</td></tr></table>
</body>
</html>
`

const ANNOUNCEMENT = `<mjml>
  <mj-head>
    <mj-attributes>
      <mj-all font-family="-apple-system, 'Segoe UI', Helvetica, Arial, sans-serif" />
      <mj-text font-size="16px" line-height="1.6" color="#1d2826" />
    </mj-attributes>
    <mj-raw><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"></mj-raw>
    <mj-style>
      @media (prefers-color-scheme: dark) {
        .page, .page > div { background: #101615 !important; }
        .card, .card > table { background: #18201e !important; }
        .ink div { color: #e6ebe8 !important; }
        .quiet div, .quiet a { color: #aab5b0 !important; }
      }
    </mj-style>
  </mj-head>
  <mj-body background-color="#f4f5f2" css-class="page">
    <mj-section padding="32px 0 0"></mj-section>
    <mj-section background-color="#0c5a63" border-radius="10px 10px 0 0" padding="40px 24px">
      <mj-column>
        <mj-text align="center" color="#bfe3e0" font-size="13px" letter-spacing="2px" padding-bottom="0">{% slot kicker line %}NEW{% endslot %}</mj-text>
        <mj-text align="center" color="#ffffff" font-size="32px" font-weight="700" line-height="1.2">{% slot title line %}Something good is here{% endslot %}</mj-text>
      </mj-column>
    </mj-section>
    <mj-section css-class="card" background-color="#ffffff" border-radius="0 0 10px 10px" padding="24px 24px 40px">
      <mj-column>
        <mj-text css-class="ink">{% slot content %}Say in two sentences what it is, and for whom.{% endslot %}</mj-text>
        <mj-button href="{% slot link line %}https://example.com{% endslot %}" background-color="#0c5a63" border-radius="6px" font-size="16px" font-weight="600" inner-padding="14px 28px">{% slot button line %}Have a look{% endslot %}</mj-button>
      </mj-column>
    </mj-section>
    <mj-section>
      <mj-column>
        <mj-text css-class="quiet" align="center" font-size="13px" color="#5b6965">{% slot footer line %}You get this because you asked for our news.{% endslot %} <a href="{{ unsubscribe_url }}" style="color:#5b6965">Unsubscribe</a></mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
`

const NEWSLETTER: readonly Block[] = [
  { id: 'name', type: 'heading', level: 3, text: 'The monthly letter', align: 'left' },
  { id: 'line', type: 'divider' },
  {
    id: 'intro',
    type: 'slot',
    name: 'intro',
    text: '# What happened this month\n\nHello {{ contact.first_name }}, here is what we made, in three minutes.',
  },
  {
    id: 'first',
    type: 'slot',
    name: 'first',
    text: '## The most important thing\n\nTell it first, and tell it whole: most people read no further.',
  },
  { id: 'gap', type: 'divider' },
  {
    id: 'two',
    type: 'columns',
    columns: [
      [
        {
          id: 'second',
          type: 'slot',
          name: 'second',
          text: '### Also new\n\nA short piece, with [a link](https://example.com) to the rest.',
        },
      ],
      [{ id: 'third', type: 'slot', name: 'third', text: '### And this\n\nAnother one. Two are enough.' }],
    ],
  },
  { id: 'end', type: 'spacer', height: 16 },
  {
    id: 'foot',
    type: 'html',
    html: '<p style="margin:0;font-size:13px"><span class="wb-quiet">You get this because you asked for it.</span> <a class="wb-link" href="{{ unsubscribe_url }}">Unsubscribe</a></p>',
  },
]

export const READY_TEMPLATES: readonly ReadyTemplate[] = [
  {
    key: 'letter',
    name: 'Plain letter',
    description: 'Words on white, as from a person. For whoever writes well.',
    format: 'html',
    body: LETTER,
    blocks: null,
    fields: [GREETING],
  },
  {
    key: 'newsletter',
    name: 'Newsletter',
    description: 'One story first, two short ones beside each other below.',
    format: 'blocks',
    body: '',
    blocks: { look: DEFAULT_LOOK, blocks: NEWSLETTER },
    fields: [GREETING],
  },
  {
    key: 'announcement',
    name: 'Announcement',
    description: 'A title on a colour, a few sentences, one button.',
    format: 'mjml',
    body: ANNOUNCEMENT,
    blocks: null,
    fields: [GREETING],
  },
]
