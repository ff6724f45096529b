import { useNavigate } from '@tanstack/react-router'
import { Copy, Trash2 } from 'lucide-react'
import { createTemplate, listTemplates, removeTemplate, type Template } from '../../src/api/endpoints/templates.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { toast } from '../ui/toasts.tsx'

export function TemplateActs({ template, because }: { template: Template; because: string | null }) {
  const says = t.content.templates
  const ask = useAsk()
  const navigate = useNavigate()
  const copy = useAction(createTemplate, {
    changes: [listTemplates],
    onDone: ({ id, name }) => {
      toast('good', says.made(name))
      void navigate({ to: '/templates/$id', params: { id } })
    },
  })
  const remove = useAction(removeTemplate, {
    changes: [listTemplates],
    onDone: () => {
      toast('good', says.removed(template.name))
      void navigate({ to: '/templates', search: {}, ignoreBlocker: true })
    },
  })
  return (
    <>
      <ActButton
        size="sm"
        variant="default"
        because={because}
        leftSection={<Copy size={14} aria-hidden />}
        onClick={() => copy.mutate({ body: { copy_of: template.id } })}
      >
        {says.duplicate}
      </ActButton>
      <ActButton
        size="sm"
        variant="default"
        because={because}
        leftSection={<Trash2 size={14} aria-hidden />}
        onClick={() =>
          void ask({ title: says.removeTitle(template.name), body: says.removeBody, act: says.remove, danger: true }).then(
            (yes) => yes && remove.mutate({ params: { id: template.id } }),
          )
        }
      >
        {says.remove}
      </ActButton>
    </>
  )
}
