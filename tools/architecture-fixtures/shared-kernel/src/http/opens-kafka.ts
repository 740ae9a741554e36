// breaks kafkajs-in-its-place
import { Kafka } from 'kafkajs';

export const kafka = new Kafka({ brokers: [] });
