//! How another device finds the studio: this machine's address on the LAN, and a QR code of it.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

/// The line that the server prints when it accepts connections, up to its address.
const ANNOUNCEMENT: &str = "Pentimento is at ";

/// The address in the server's line, if this is it.
pub fn announced(line: &str) -> Option<&str> {
    line.strip_prefix(ANNOUNCEMENT).map(str::trim)
}

/// What is said when the server listens on every address: the one for this machine, the one for others and its QR
/// code.
pub fn invitation(local: &str) -> Option<String> {
    let here = for_others(local, Ipv4Addr::LOCALHOST.into())?;
    let Some(address) = lan_address().and_then(|lan| for_others(local, lan)) else {
        return Some(format!("On this machine: {here}\nThis machine is on no network."));
    };
    let code = QrCode::new(&address).ok()?;
    // Light on dark, as most terminals are: a camera reads it the other way round less well.
    let picture = code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build();
    Some(format!("On this machine: {here}\nOn the LAN:      {address}\n\n{picture}"))
}

/// The server's address with this machine's in place of the wildcard; `None` if it listens on one address only.
fn for_others(local: &str, lan: IpAddr) -> Option<String> {
    let rest = ["http://0.0.0.0", "http://[::]"].iter().find_map(|wildcard| local.strip_prefix(wildcard))?;
    Some(match lan {
        IpAddr::V4(address) => format!("http://{address}{rest}"),
        IpAddr::V6(address) => format!("http://[{address}]{rest}"),
    })
}

/// The address from which this machine would speak to the outside. Nothing is sent: a datagram socket that is
/// "connected" has only been told its route. The peer is an address for documentation (RFC 5737).
fn lan_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    socket.local_addr().ok().map(|address| address.ip()).filter(|address| !address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_line_holds_its_address() {
        assert_eq!(announced("Pentimento is at http://127.0.0.1:8080"), Some("http://127.0.0.1:8080"));
        assert_eq!(announced("loading the model"), None);
    }

    #[test]
    fn other_devices_are_told_an_address_they_can_reach() {
        let lan: IpAddr = "10.0.0.7".parse().unwrap();
        assert_eq!(for_others("http://0.0.0.0:8080", lan).as_deref(), Some("http://10.0.0.7:8080"));
        assert_eq!(for_others("http://127.0.0.1:8080", lan), None);
        let lan: IpAddr = "fd00::7".parse().unwrap();
        assert_eq!(for_others("http://[::]:8080", lan).as_deref(), Some("http://[fd00::7]:8080"));
    }
}
