// breaks mongodb-in-its-place
import { MongoClient } from 'mongodb';

export const client = new MongoClient('mongodb://localhost');
