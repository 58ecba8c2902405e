//! What the page is put together from, one component a file.

mod ask;
mod drawing;
mod further;
mod icon;
mod kept;
mod link_badge;
mod link_panel;
mod models;
mod number;
mod picture;
mod picture_bar;
mod seed;
mod settings;
mod slide;
mod styles;
mod sync_badge;
mod theme_button;
mod toolbar;

pub use ask::Ask;
pub use drawing::Drawing;
use further::Further;
pub use icon::Icon;
pub use kept::Kept;
pub use link_badge::LinkBadge;
use link_panel::LinkPanel;
use models::Models;
use number::Number;
pub use picture::Picture;
pub use picture_bar::PictureBar;
use seed::Seed;
pub use settings::Settings;
use slide::Slide;
use styles::Styles;
pub use sync_badge::SyncBadge;
pub use theme_button::ThemeButton;
pub use toolbar::Toolbar;
