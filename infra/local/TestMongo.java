import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.backend.memory.MemoryDatabase;
import de.bwaldvogel.mongo.backend.memory.index.MemoryUniqueIndex;
import de.bwaldvogel.mongo.bson.Document;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Speaks MongoDB's wire protocol and forgets everything when it ends. For tests and demonstrations where no MongoDB is.
 * Arguments: host and port, 0 for any free one. The first line it prints says that it is ready, and where.
 */
public class TestMongo {
    /** The library announces MongoDB 5.0 at most, by a wire version that the official driver has given up talking to. */
    private static final MongoVersion SEVEN = new MongoVersion() {
        @Override
        public List<Integer> getVersionArray() {
            return List.of(7, 0, 0);
        }

        @Override
        public int getWireVersion() {
            return 21;
        }
    };

    /** Finds a document by its `_id` also when the filter names more than that, as MongoDB does; the library's own reads them all. */
    private static final class ById extends MemoryUniqueIndex {
        ById(String name, List<IndexKey> keys) {
            super(name, keys, false);
        }

        @Override
        public boolean canHandle(Document filter) {
            return filter.containsKey("_id") && super.canHandle(new Document("_id", filter.get("_id")));
        }
    }

    private static final class Backend extends MemoryBackend {
        @Override
        public MemoryDatabase openOrCreateDatabase(String name) {
            return new MemoryDatabase(name, getCursorRegistry()) {
                @Override
                protected Index<Integer> openOrCreateUniqueIndex(
                        String collection, String index, List<IndexKey> keys, boolean sparse) {
                    boolean isById = keys.size() == 1 && keys.get(0).getKey().equals("_id");
                    return isById ? new ById(index, keys) : super.openOrCreateUniqueIndex(collection, index, keys, sparse);
                }
            };
        }
    }

    public static void main(String[] arguments) {
        MongoServer server = new MongoServer(new Backend().version(SEVEN));
        server.bind(arguments[0], Integer.parseInt(arguments[1]));
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        InetSocketAddress address = server.getLocalAddress();
        System.out.println("ready at " + arguments[0] + ":" + address.getPort());
    }
}
