import './tokens/fonts.css';
import './tokens/tokens.css';
import './tokens/base.css';
import { mount } from 'svelte';
import App from './app/App.svelte';

const target = document.getElementById('app');
if (target !== null) mount(App, { target });
