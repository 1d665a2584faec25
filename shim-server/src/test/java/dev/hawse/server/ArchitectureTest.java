package dev.hawse.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may know whom: api → port ← engines, and one place that names the engines. */
@AnalyzeClasses(packages = "dev.hawse", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String PORT = "dev.hawse.runtime";
    private static final String[] ENGINES = {"dev.hawse.containerd..", "dev.hawse.docker.."};

    @ArchTest
    static final ArchRule thePortKnowsTheJdkAlone = classes()
            .that()
            .resideInAPackage(PORT)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(PORT, "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule theStoreKnowsThePortEventsAndSqlite = classes()
            .that()
            .resideInAPackage("dev.hawse.state")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.hawse.state", PORT, "dev.hawse.stream", "java..", "org.sqlite", "org.slf4j", "org.jspecify..");

    @ArchTest
    static final ArchRule theApiKnowsNoEngine = noClasses()
            .that()
            .resideInAPackage("dev.hawse.server.api..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ENGINES);

    @ArchTest
    static final ArchRule enginesKnowNothingOfTheServer = noClasses()
            .that()
            .resideInAnyPackage(ENGINES)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.hawse.server..", "dev.hawse.api..");

    @ArchTest
    static final ArchRule containerdKnowsNoOtherEngine = noClasses()
            .that()
            .resideInAPackage("dev.hawse.containerd..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.hawse.docker..");

    @ArchTest
    static final ArchRule containerdsApiIsKnownToItsEngineAlone = classes()
            .that()
            .resideInAPackage("dev.hawse.containerd.api..")
            .should()
            .onlyHaveDependentClassesThat()
            .resideInAPackage("dev.hawse.containerd..");

    @ArchTest
    static final ArchRule onlyTheWiringNamesEngines = noClasses()
            .that()
            .resideInAPackage("dev.hawse.server..")
            .and(DescribedPredicate.not(isOrIsIn(Wiring.class)))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ENGINES);

    @ArchTest
    static final ArchRule partsDependInOneDirection =
            slices().matching("dev.hawse.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule partsOfContainerdsEngineDependInOneDirection =
            slices().matching("dev.hawse.containerd.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule partsOfContainerdsEngineDoNotKnowTheWhole = noClasses()
            .that()
            .resideInAPackage("dev.hawse.containerd.*..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.hawse.containerd");

    @ArchTest
    static final ArchRule theShellIsKnownToNobody = noClasses()
            .that()
            .resideOutsideOfPackage("dev.hawse.server")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.hawse.server");

    @ArchTest
    static final ArchRule theApiIsNotConfigured = noClasses()
            .that()
            .resideInAPackage("dev.hawse.server.api..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.hawse.server.config..");

    @ArchTest
    static final ArchRule nobodyWritesToStandardStreamsButTheCommand =
            noClasses().that(DescribedPredicate.not(isOrIsIn(Main.class))).should(ACCESS_STANDARD_STREAMS);

    private static DescribedPredicate<JavaClass> isOrIsIn(Class<?> type) {
        return JavaClass.Predicates.belongToAnyOf(type);
    }
}
