import type { Preview } from '../../campaigns/content/preview.ts'
import type { ContentPreview, ContentProblem } from '../endpoints/content.ts'

export function toPreview({ reader, problems, texts, sentence, paths }: Preview): ContentPreview {
  return {
    reader: { contact_id: reader.id, name: reader.name, address: reader.address },
    problems: problems.map((problem): ContentProblem => ({ ...problem })),
    sentence,
    texts: texts && {
      to_name: texts.toName,
      subject: texts.subject,
      html: texts.html,
      text: texts.text,
      html_bytes: Buffer.byteLength(texts.html ?? ''),
    },
    paths: [...paths],
  }
}
