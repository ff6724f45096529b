import { Button, Menu } from '@mantine/core'
import { ChevronDown, Send } from 'lucide-react'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'

interface Props {
  readonly label: string
  /** Why it cannot be sent now. */
  readonly because: string | null
  readonly busy: boolean
  /** Other ways, by name. */
  readonly ways: readonly (readonly [string, () => void])[]
}

/** The usual way to send, and the others behind an arrow. It submits the form it is in. */
export function SendGroup({ label, because, busy, ways }: Props) {
  return (
    <Button.Group>
      <ActButton
        type="submit"
        size="sm"
        loading={busy}
        because={because}
        leftSection={<Send size={14} aria-hidden />}
        hint={t.composer.sendKey}
      >
        {label}
      </ActButton>
      <Menu position="top-start">
        <Menu.Target>
          <Button type="button" size="sm" px={6} aria-label={t.composer.sendMore} disabled={busy || because !== null}>
            <ChevronDown size={14} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {ways.map(([name, run]) => (
            <Menu.Item key={name} onClick={run}>
              {name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Button.Group>
  )
}
