/** From one format to another: what was written comes along where that makes sense. */
import type { CampaignContent } from '../../src/api/endpoints/content-shapes.ts'
import { DEFAULT_LOOK } from '../../src/templates/blocks/block.ts'
import { newBlockId } from './blocks/block-acts.ts'

type Format = CampaignContent['format']

const MJML = (text: string) => `<mjml>
  <mj-head>
    <mj-attributes>
      <mj-all font-family="-apple-system, 'Segoe UI', Helvetica, Arial, sans-serif" />
      <mj-text font-size="16px" line-height="1.6" />
    </mj-attributes>
  </mj-head>
  <mj-body>
    <mj-section>
      <mj-column>
        <mj-text>${text}</mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
`

const HTML = (text: string) => `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
</head>
<body>
${text}
</body>
</html>
`

/** `kept`: what was written in each format before, so that looking at another one loses nothing. */
export function inFormat(content: CampaignContent, format: Format, kept: ReadonlyMap<Format, CampaignContent>): CampaignContent {
  const before = kept.get(format)
  const common = { ...content, format }
  if (before) return { ...common, body: before.body, blocks: before.blocks ?? null }
  const isWords = content.format === 'text' || content.format === 'markdown'
  const words = isWords ? content.body.trim() : ''
  switch (format) {
    case 'text':
    case 'markdown':
      return { ...common, body: isWords ? content.body : '', blocks: null }
    case 'blocks':
      return { ...common, body: '', blocks: { look: { ...DEFAULT_LOOK }, blocks: words === '' ? [] : [textBlock(words)] } }
    case 'mjml':
      return { ...common, body: MJML(words === '' ? '' : paragraphs(words)), blocks: null }
    case 'html':
      return { ...common, body: HTML(words === '' ? '' : paragraphs(words)), blocks: null }
  }
}

function textBlock(words: string) {
  return { id: newBlockId(), type: 'text' as const, html: paragraphs(words), align: 'left' as const }
}

/** Liquid stands as it is. */
function paragraphs(words: string): string {
  return words
    .split(/\n{2,}/)
    .map((part) => `<p>${part.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/\n/g, '<br>')}</p>`)
    .join('\n')
}
