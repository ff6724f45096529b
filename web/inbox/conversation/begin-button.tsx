import { ActionIcon } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { SquarePen } from 'lucide-react'
import { useMe } from '../../me.ts'
import { t } from '../../texts/texts.ts'
import { useInboxKeys } from '../keys.ts'

/** Begins a conversation, by button and by `c`. */
export function BeginButton() {
  const navigate = useNavigate()
  const mayWrite = useMe().permissions.includes('conversations.write')
  const run = () => void navigate({ to: '/conversations/new', search: {} })
  useInboxKeys(mayWrite ? { begin: run } : {})
  if (!mayWrite) return null
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={t.composer.newTitle}
      title={t.composer.newTitle}
      renderRoot={(props) => <Link to="/conversations/new" search={{}} {...props} />}
    >
      <SquarePen size={17} aria-hidden />
    </ActionIcon>
  )
}
