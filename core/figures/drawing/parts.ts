/**
 * Chart.js with the parts that the charts use, registered once, for window and files alike. Nothing
 * else imports Chart.js itself.
 */
import {
  BarController,
  BarElement,
  BasicPlatform,
  CategoryScale,
  Chart,
  Filler,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  ScatterController,
  SubTitle,
  Title,
  Tooltip,
} from 'chart.js';
import { BarWithErrorBar, BarWithErrorBarsController } from 'chartjs-chart-error-bars';
import { MatrixController, MatrixElement } from 'chartjs-chart-matrix';
import annotation from 'chartjs-plugin-annotation';

Chart.register(
  BarController,
  BarElement,
  BarWithErrorBar,
  BarWithErrorBarsController,
  CategoryScale,
  Filler,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  MatrixController,
  MatrixElement,
  PointElement,
  ScatterController,
  SubTitle,
  Title,
  Tooltip,
  annotation,
);

export { BasicPlatform, Chart };
export type { ChartItem } from 'chart.js';
