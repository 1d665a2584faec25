package dev.hawse.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No type of gRPC, protobuf or Netty may be needed to use the library. */
class PublicApiTest {

    @Test
    void signaturesNameOnlyTheJdkAndThisPackage() throws Exception {
        var strangers = new ArrayList<String>();
        for (var type : publicTypes()) {
            Stream.concat(Stream.of(type.getDeclaredConstructors()), Stream.of(type.getDeclaredMethods()))
                    .filter(m -> Modifier.isPublic(m.getModifiers()))
                    .forEach(m -> types(m).forEach(t -> check(type, m.getName(), t, strangers)));
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isPublic(field.getModifiers())) {
                    check(type, field.getName(), field.getGenericType(), strangers);
                }
            }
            Stream.of(type.getInterfaces()).forEach(t -> check(type, "implements", t, strangers));
        }
        assertThat(strangers).isEmpty();
    }

    private static Stream<Type> types(Executable m) {
        Type returned =
                m instanceof Constructor<?> ? void.class : ((java.lang.reflect.Method) m).getGenericReturnType();
        return Stream.of(Stream.of(returned), Stream.of(m.getGenericParameterTypes()), Stream.of(m.getExceptionTypes()))
                .flatMap(s -> s);
    }

    private static void check(Class<?> owner, String member, Type type, List<String> strangers) {
        String name = type.getTypeName();
        if (Stream.of("io.grpc", "com.google", "io.netty", "dev.hawse.api").anyMatch(name::contains)) {
            strangers.add(owner.getSimpleName() + "." + member + ": " + name);
        }
    }

    private static List<Class<?>> publicTypes() throws IOException, URISyntaxException, ClassNotFoundException {
        var root = Path.of(HawseClient.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        var types = new ArrayList<Class<?>>();
        try (var files = Files.walk(root)) {
            for (var file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                var name = root.relativize(file).toString().replace('/', '.').replaceAll("\\.class$", "");
                if (!name.endsWith("package-info") && !name.endsWith("module-info")) {
                    var type = Class.forName(name, false, PublicApiTest.class.getClassLoader());
                    if (Modifier.isPublic(type.getModifiers())) {
                        types.add(type);
                    }
                }
            }
        }
        assertThat(types).hasSizeGreaterThan(40);
        return types;
    }
}
