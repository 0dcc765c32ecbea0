// events.hpp: the test programs' report. Each case sends JSON lines through the channel (channel.hpp), one by one, so that
// the launcher knows how far a program came that died half-way.
//   {"event":"start","case":"Unit_02_1.Foo","file":"tests/02_activations/unit.cpp","line":12}
//   {"event":"end","case":"Unit_02_1.Foo","ok":true,"skipped":false,"todo":[],"ms":1.2,"message":"","file":…,"line":…}
//   {"event":"done","ran":17}
#pragma once

namespace rushlight::reporting {

// Call after InitGoogleTest and before RUN_ALL_TESTS. Without the channel nothing is sent, but a case that reached a
// blank still fails: a blank is never a pass, however its exception was swallowed.
void install_events();

}  // namespace rushlight::reporting
