import java.lang.reflect.Field;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.xpack.core.security.authz.permission.ClusterPermission;
import org.elasticsearch.xpack.core.security.authz.privilege.ClusterPrivilegeResolver;
import org.elasticsearch.xpack.core.security.authz.privilege.IndexPrivilege;

/** Asks Elasticsearch's own classes: which named privileges grant an action? Least first, as the 403 lists them. */
public class GrantedBy {
    public static void main(String[] actions) throws Exception {
        LogConfigurator.configureESLogging();
        Map<String, IndexPrivilege> byName = new LinkedHashMap<>();
        for (Field field : IndexPrivilege.class.getFields()) {
            if (field.getType() == IndexPrivilege.class) {
                IndexPrivilege privilege = (IndexPrivilege) field.get(null);
                byName.put(privilege.name().iterator().next(), privilege);
            }
        }
        for (String action : actions) {
            List<String> names = ClusterPrivilegeResolver.isClusterAction(action)
                ? ClusterPrivilegeResolver.names().stream().filter(name -> cluster(name, action)).toList()
                : IndexPrivilege.names().stream().filter(name -> byName.get(name).predicate().test(action)).toList();
            System.out.println(action + " " + String.join(",", names));
        }
    }

    private static boolean cluster(String name, String action) {
        ClusterPermission.Builder builder = ClusterPermission.builder();
        try {
            return ClusterPrivilegeResolver.resolve(name).buildPermission(builder).build().check(action, null, null);
        } catch (NullPointerException e) {
            return false; // a privilege about one's own API keys: it looks at the request
        }
    }
}
