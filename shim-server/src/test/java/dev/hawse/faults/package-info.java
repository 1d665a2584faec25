/**
 * The server and its daemons as processes of their own, what can be done to them, and what must come of it.
 *
 * <p>What users of other container engines suffer from, and the tests that show how it is here:
 * <pre>
 * output is lost or cut at the end        ContainersIT.runLosesNoByteOfAShortLife
 *                                         ExecContract.everyByteOfALongOutputArrives
 *                                         ExecLoadIT.readerThatPausesLosesNothing
 * the end of input is lost                ExecContract.inputEndedBeforeAnythingWasWrittenEndsTheCommand
 *                                         ExecContract.inputIsReadToItsEnd
 *                                         ContainerdRestartIT.endOfInputIsDeliveredThoughContainerdWasAway
 * a command never returns since a         LeftCommandsIT.endIsToldAlthoughAGrandchildHoldsTheOutput
 *   grandchild holds its output           ExecContract.grandchildThatHoldsOutputDoesNotHoldTheEnd
 * an exit code is lost or made up         LeftCommandsIT.commandThatEndedWhileNoServerRanHasItsTrueEnd
 *                                         LeftCommandsIT.commandsThatRaceWithTheEndOfTheirContainerEndTypedOrAreRefused
 *                                         KillAtEveryStepIT.aCommandRanAtMostOnceAndHasTheEndThatItHad
 * a command cannot be killed, or its      LeftCommandsIT.signalReachesTheWholeTreeAlsoWhoLeftItsSession
 *   children survive its caller           LeftCommandsIT.commandOfACallerWhoVanishesGoesWithAllItsChildren
 * FIFOs, descriptors, processes leak      SoakIT.nothingIsLostNorLeftWithoutKills
 *                                         RuntimeFaultsIT.manyDeathsOfContainerdLoseNoEndAndNoDescriptor
 *                                         and what LiveServer and Daemons count after each test
 * commands that start at once stall       ExecLoadIT.manyCommandsAtOnceAllSucceedWithTheirOwnCodes
 *                                         StartGateTest.theOthersComeInAsTheyCame
 * one reader that stalls holds all back   ExecLoadIT.stalledReaderHoldsNobodyElseBack
 *                                         StalledStreamsIT.readersThatDoNotReadCostBoundedMemoryAndHoldNoControlCallBack
 *                                         AttachCallTest.slowViewerHoldsNobodyBack
 * who comes back misses output, or        LeftCommandsIT.chattyCommandGoesOnWhereItWasAfterTheServerWasKilled
 *   finds no process                      ReconnectTest.everyByteComesOnceHoweverOftenTheConnectionBreaks
 * a quiet command is cut off              ExecIT.aCommandMayBeQuietForLongerThanAnyOfItsClientsCallsMayTake
 *                                         BadInputsIT.case70ACallWithoutDeadlineMayBeQuietUntilTheCommandsOwnTimeIsOver
 * viewers share output, or there is       ContainersIT.everyViewerSeesWhatIsWrittenFromNowOn
 *   either a viewer or a log              LogRotationIT.everyViewerOfATerminalGetsEveryByteWhileItsLogTurns
 * a terminal begins as 0 by 0, or its     ExecContract.terminalHasItsSizeFromTheFirstByte
 *   resizes are lost                      ExecCallTest.framesSentBeforeStartedAreDelivered
 *                                         ContainersIT.attachedTerminalIsResized
 * shims are orphaned, ends are lost,      RuntimeFaultsIT.aShimThatContainerdForgotWhenTheServerDiedIsEndedByTheNextServer
 *   removals get stuck                    KillsInTurnIT.noStartAndNoEndIsMissingNorToldTwice
 *                                         KillAtEveryStepIT.removalIsDoneOrCanBeDoneAgain
 * </pre>
 *
 * <p>Faults that are tried elsewhere, nearer to what they hit:
 * <pre>
 * half-closed input, then output          F20  ExecContract.inputIsReadToItsEnd
 * a slow reader of a command              F21  SpoolPropertyTest.ringTellsEveryReaderWhatItMissed
 * a slow watcher of events                F22  WatchEventsCallTest.callerThatFallsTooFarBehindIsCutOffAndMayGoOn
 * many slow readers                       F23  StalledStreamsIT.readersThatDoNotReadCostBoundedMemoryAndHoldNoControlCallBack
 * input that nobody reads                 F24  ExecLoadIT.commandThatReadsNothingHoldsItsWriterBack
 * a full disk                             F31  LogDiskFullIT.theProcessGoesOnAndTheLogSaysWhatItMissesAsSoonAsThereIsRoom
 *                                              StateDiskIT.aFullDiskRefusesWritesAndNothingElse
 * a clock that jumps                      F43  EventRecordsTest.aNumberNeverStandsForTwoEventsWhateverTheClockDoes
 * a state that is cut off, old or new     F46  StateStoreTest.aFileThatWasCutOffIsSetAside
 *                                              StateStoreTest.aFileOfAnOlderVersionIsMigrated
 *                                              StateStoreTest.aFileOfANewerVersionIsRefusedAndLeftAlone
 * </pre>
 */
@NullMarked
package dev.hawse.faults;

import org.jspecify.annotations.NullMarked;
