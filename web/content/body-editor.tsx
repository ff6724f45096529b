import type { ContentProblem } from '../../src/api/endpoints/content.ts'
import type { CampaignContent } from '../../src/api/endpoints/content-shapes.ts'
import { EMPTY_DOCUMENT } from '../../src/templates/blocks/block.ts'
import { t } from '../texts/texts.ts'
import { BlockEditor } from './blocks/block-editor.tsx'
import { CodeField } from './code-field.tsx'

type Body = Pick<CampaignContent, 'format' | 'body' | 'blocks'>

interface Props {
  readonly content: Body
  readonly onChange: (changed: Partial<Body>) => void
  readonly problems: readonly ContentProblem[]
  readonly isTemplate?: boolean
}

/** What it says, in the way it is written. */
export function BodyEditor({ content, onChange, problems, isTemplate = false }: Props) {
  const { format } = content
  const linesOf = (where: readonly ContentProblem['where'][]) =>
    problems.flatMap((problem) => (where.includes(problem.where) && problem.line !== null ? [problem.line] : []))
  if (format === 'blocks')
    return (
      <BlockEditor
        document={content.blocks ?? { look: { ...EMPTY_DOCUMENT.look }, blocks: [] }}
        wrong={linesOf(['blocks'])}
        isTemplate={isTemplate}
        onChange={(blocks) => onChange({ blocks })}
      />
    )
  const isCode = format === 'html' || format === 'mjml'
  return (
    <CodeField
      key={format}
      label={isCode ? t.content.code(t.content.formats[format]) : t.content.body}
      isProse={!isCode}
      value={content.body}
      wrong={linesOf(['body', 'template'])}
      onChange={(body) => onChange({ body })}
    />
  )
}
