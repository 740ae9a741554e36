import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
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

    public static void main(String[] arguments) {
        MongoServer server = new MongoServer(new MemoryBackend().version(SEVEN));
        server.bind(arguments[0], Integer.parseInt(arguments[1]));
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        InetSocketAddress address = server.getLocalAddress();
        System.out.println("ready at " + arguments[0] + ":" + address.getPort());
    }
}
