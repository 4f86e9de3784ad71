import { Monitor, Moon, Sun } from 'lucide-react';
import { useState } from 'react';

import { Button } from '@/components/ui/button';
import { Tooltip } from '@/components/ui/tooltip';
import { chosenTheme, chooseTheme, type Theme } from '@/utils/theme';

const THEMES: Record<Theme, { label: string; Icon: typeof Sun; next: Theme }> = {
  system: { label: 'as the system', Icon: Monitor, next: 'light' },
  light: { label: 'light', Icon: Sun, next: 'dark' },
  dark: { label: 'dark', Icon: Moon, next: 'system' },
};

export function ThemeButton() {
  const [theme, setTheme] = useState(chosenTheme);
  const { label, Icon, next } = THEMES[theme];
  const choose = () => {
    chooseTheme(next);
    setTheme(next);
  };
  return (
    <Tooltip text={`Theme: ${label}. Next: ${THEMES[next].label}`}>
      <Button
        variant="ghost"
        size="icon"
        onClick={choose}
        aria-label={`Theme: ${label}. Change to ${THEMES[next].label}`}
      >
        <Icon aria-hidden />
      </Button>
    </Tooltip>
  );
}
