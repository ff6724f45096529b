import { Menu, useMantineColorScheme } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Check, Keyboard, LogOut, Monitor, Moon, Rows3, Rows4, Sun, User } from 'lucide-react'
import { signOut } from '../../src/api/endpoints/account.ts'
import { useMe } from '../me.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { prefer, usePreferences } from '../ui/preferences.ts'
import styles from './shell.module.css'

export function AccountMenu({ onHelp }: { onHelp: () => void }) {
  const me = useMe()
  const navigate = useNavigate()
  const client = useQueryClient()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const { density } = usePreferences()
  const leave = useAction(signOut, {
    onDone: () => {
      client.clear()
      void navigate({ to: '/sign-in' })
    },
  })
  const name = me.user?.name ?? me.key?.name ?? ''
  const themes = [
    { value: 'light', label: t.shell.light, icon: Sun },
    { value: 'dark', label: t.shell.dark, icon: Moon },
    { value: 'auto', label: t.shell.auto, icon: Monitor },
  ] as const
  const densities = [
    { value: 'comfortable', label: t.shell.comfortable, icon: Rows3 },
    { value: 'compact', label: t.shell.compact, icon: Rows4 },
  ] as const

  return (
    <Menu position="top-start" width={240} shadow="md" withinPortal>
      <Menu.Target>
        <button type="button" className={styles.bottomButton}>
          <span className={styles.avatar} aria-hidden>
            {initialOf(name)}
          </span>
          <span className="visually-hidden">{t.shell.account}: </span>
          <span className={styles.clip}>{name}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{me.user?.email}</Menu.Label>
        <Menu.Item leftSection={<User size={15} aria-hidden />} onClick={() => void navigate({ to: '/account' })}>
          {t.shell.myAccount}
        </Menu.Item>
        <Menu.Item leftSection={<Keyboard size={15} aria-hidden />} onClick={onHelp}>
          {t.shell.shortcuts}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t.shell.theme}</Menu.Label>
        {themes.map(({ value, label, icon: Icon }) => (
          <Choice
            key={value}
            icon={<Icon size={15} aria-hidden />}
            label={label}
            isChosen={colorScheme === value}
            onChoose={() => setColorScheme(value)}
          />
        ))}
        <Menu.Divider />
        <Menu.Label>{t.shell.density}</Menu.Label>
        {densities.map(({ value, label, icon: Icon }) => (
          <Choice
            key={value}
            icon={<Icon size={15} aria-hidden />}
            label={label}
            isChosen={density === value}
            onChoose={() => prefer({ density: value })}
          />
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={15} aria-hidden />} onClick={() => leave.mutate({})}>
          {t.shell.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

interface ChoiceProps {
  readonly icon: React.ReactNode
  readonly label: string
  readonly isChosen: boolean
  readonly onChoose: () => void
}

function Choice({ icon, label, isChosen, onChoose }: ChoiceProps) {
  return (
    <Menu.Item
      role="menuitemradio"
      aria-checked={isChosen}
      leftSection={icon}
      rightSection={isChosen ? <Check size={14} aria-hidden /> : null}
      closeMenuOnClick={false}
      onClick={onChoose}
    >
      {label}
    </Menu.Item>
  )
}

function initialOf(name: string): string {
  return name.trim().slice(0, 1).toUpperCase() || '?'
}
