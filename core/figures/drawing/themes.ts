/** Colours of exported figures: those of the window's style sheet, which a test holds them to. */
import type { HeatColours } from '../heat.ts';
import type { FigureTheme } from '../theme.ts';

export const FONT = "'Inter Variable', Inter, system-ui, sans-serif";

export interface DrawingTheme {
  readonly figure: FigureTheme;
  readonly heat: HeatColours;
  /** The word *simulated*, marks and annotations. */
  readonly accent: string;
}

export const THEMES: Readonly<Record<'light' | 'dark', DrawingTheme>> = {
  light: {
    figure: {
      surface: '#ffffff',
      ink: '#171b21',
      ink2: '#4a5462',
      ink3: '#636d7b',
      grid: '#ebeff3',
      rule: '#c3cbd4',
      tooltip: '#e8ecf0',
      family: {
        map: '#3968e8',
        copy: '#ca8428',
        pool: '#0a7b58',
        all: '#b3060d',
        gfn: '#6b1d7b',
        iommu: '#389da4',
      },
      familyInk: {
        map: '#3968e8',
        copy: '#8a5200',
        pool: '#0a7b58',
        all: '#b3060d',
        gfn: '#6b1d7b',
        iommu: '#1f6f76',
      },
      category: {
        hypercall: '#1584d2',
        map: '#3da17c',
        flush: '#cb5f30',
        copy: '#d3ba57',
        dma: '#6419b0',
        notify: '#ee9ed2',
        stack: '#6b7684',
        wait: '#c3cbd4',
        hazard: '#c8203a',
        other: '#6b7684',
      },
      fontFamily: FONT,
    },
    heat: {
      neutral: '#eef1f4',
      better: ['#bfe3dc', '#0b7a68'],
      worse: ['#f0dcc2', '#9a5a12'],
      inkOnLight: '#000000',
      inkOnDark: '#ffffff',
    },
    accent: '#1f63d6',
  },
  dark: {
    figure: {
      surface: '#14171b',
      ink: '#e6e9ee',
      ink2: '#a7b0bc',
      ink3: '#818b99',
      grid: '#1f242b',
      rule: '#39414c',
      tooltip: '#242a32',
      family: {
        map: '#58a8ff',
        copy: '#f0a950',
        pool: '#199c7b',
        all: '#e14538',
        gfn: '#a067ac',
        iommu: '#7bd8dc',
      },
      familyInk: {
        map: '#58a8ff',
        copy: '#f0a950',
        pool: '#3dbe9b',
        all: '#f06a5c',
        gfn: '#b985c4',
        iommu: '#7bd8dc',
      },
      category: {
        hypercall: '#5ca1e8',
        map: '#4aa991',
        flush: '#d97242',
        copy: '#ebd287',
        dma: '#8a4dc3',
        notify: '#f8cbe3',
        stack: '#66707e',
        wait: '#39414c',
        hazard: '#f0616d',
        other: '#66707e',
      },
      fontFamily: FONT,
    },
    heat: {
      neutral: '#2a313a',
      better: ['#1c6a62', '#5ccdb9'],
      worse: ['#7a4a22', '#eba45c'],
      inkOnLight: '#000000',
      inkOnDark: '#ffffff',
    },
    accent: '#6ca6ff',
  },
};
