import { Refusal } from '../../errors.ts'
import { readForeignTemplates } from '../../templates/library/from-elsewhere.ts'
import { createTemplate } from '../../templates/library/templates.ts'
import { importTemplates } from '../endpoints/template-imports.ts'
import { type Route, route } from '../route.ts'

export function templateImportRoutes(): Route[] {
  return [
    route(importTemplates, async ({ tx, body, actor, now }) => {
      const found = readForeignTemplates(body.answer)
      if (found === null || found.templates.length === 0)
        throw new Refusal('import_refused', {
          why: 'These are no templates of Keila (GET /api/v1/templates) or of listmonk (GET /api/templates) that could be brought.',
        })
      const templates = []
      for (const { text, notes } of found.templates) {
        const made = body.only_try === true ? null : await createTemplate(tx, text, actor, now)
        templates.push({ id: made?.id ?? null, name: text.name, format: text.format, notes: [...notes] })
      }
      return { source: found.source, templates, passed_over: [...found.passedOver] }
    }),
  ]
}
